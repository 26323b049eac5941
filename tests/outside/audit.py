"""Audits a C2SP tlog-tiles log with two libraries that other people wrote: aics-tlog and tlog-scales.

    audit.py [--old CHECKPOINT]... [--proofs N] [--flips N] [--seed S] KEY LOG

LOG is an address or a folder. Exit 0 with one line of what was checked, or 1 with one line of what is wrong.
"""

import argparse
import random
import sys
from pathlib import Path

import aics_tlog as aics
from aics_tlog.tiles import TileUnavailableError
from tlog_scales import backend, reader, signing, tiles, tlog

REFUSALS = (ValueError, aics.TileMissingError, aics.TileVerificationError, TileUnavailableError)


def opened(note, key):
    """The head that a signed checkpoint names."""
    found = aics.verify_checkpoint(aics.parse_note(note), key, expected_origin=key.name)
    if not found.ok:
        raise ValueError(f"checkpoint: {found.error}")
    return found


def audit(files, note, key):
    """Proves every tile and every bundle against the signed head."""
    head = opened(note, key)
    return head, aics.audit_tiles(files, head.size, head.root)


def aics_proofs(files, head, older, count, draw):
    """So many proofs of each kind, and that kept heads are prefixes."""
    proven = aics.VerifiedTileReader(files, head.size, head.root)
    pairs = []
    for _ in range(min(head.size, count)):
        index = draw.randrange(head.size)
        proof = aics.inclusion_proof_from_tiles(proven, index, head.size)
        if not aics.verify_inclusion(aics.leaf_hash(proven.entry(index)), index, head.size, proof, head.root):
            raise ValueError(f"inclusion of entry {index}")
        new = draw.randint(1, head.size)
        old = draw.randint(1, new)
        old_root, new_root = (aics.tree_root_from_tiles(proven, size, head.size) for size in (old, new))
        pairs.append((old, old_root, new, new_root))
    pairs += [(old.size, old.root, head.size, head.root) for old in older]
    for old, old_root, new, new_root in pairs:
        proof = aics.consistency_proof_from_tiles(proven, old, new, head.size)
        if not aics.verify_consistency(old, new, old_root, new_root, proof):
            raise ValueError(f"the log of {new} entries does not continue that of {old}")


def scales_proofs(log, key, older, count, draw):
    """The same with tlog-scales, over its own reader."""
    files = reader.TilesReader(log)
    head = files.get_checkpoint()
    head.verify(key)
    if head.size == 0:
        return
    for _ in range(min(head.size, count)):
        index = draw.randrange(head.size)
        leaf = tiles.leaf_hash(files.get_entry(index))
        files.get_inclusion_proof(index, head.size).check(leaf, head.root_hash)
        new = draw.randint(1, head.size)
        old = draw.randint(1, new)
        files.get_consistency_proof(old, new).check(files.mth(0, old), files.mth(0, new))
    for old in older:
        files.get_consistency_proof(old.size, head.size).check(old.root, head.root_hash)


def flip(folder, key, count, draw):
    """Flips one bit of one file at a time, each of the checkpoint and then so many at random, every file as likely as
    the next; says which were not noticed."""
    files = {str(p.relative_to(folder)): bytearray(p.read_bytes()) for p in sorted(folder.rglob("*")) if p.is_file()}
    in_checkpoint = [("checkpoint", bit) for bit in range(8 * len(files["checkpoint"]))]
    names = [draw.choice(list(files)) for _ in range(count)]
    drawn = in_checkpoint + [(name, draw.randrange(8 * len(files[name]))) for name in names]
    accepted = 0
    for name, bit in drawn:
        files[name][bit // 8] ^= 1 << bit % 8
        changed = aics.MemoryTileReader({name: bytes(content) for name, content in files.items()})
        try:
            audit(changed, bytes(files["checkpoint"]), key)
            accepted += 1
            print(f"accepted: bit {bit} of {name}", file=sys.stderr)
        except REFUSALS:
            pass
        files[name][bit // 8] ^= 1 << bit % 8
    print(f"flips: {len(drawn) - accepted} of {len(drawn)} rejected, {len(in_checkpoint)} of them in the checkpoint")
    if accepted:
        raise ValueError(f"{accepted} flipped bits were accepted")


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--old", action="append", default=[], metavar="CHECKPOINT")
    ask.add_argument("--proofs", type=int, default=100)
    ask.add_argument("--flips", type=int, default=0)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("key")
    ask.add_argument("log")
    said = ask.parse_args()
    key, draw = aics.parse_vkey(said.key), random.Random(said.seed)
    older = [opened(Path(file).read_bytes(), key) for file in said.old]
    files = aics.HttpTileReader([aics.remote.tile_source_url(said.log)])
    [fetched] = files.fetch_checkpoints()
    if fetched.data is None:
        raise ValueError(f"checkpoint: {fetched.error}")
    head, report = audit(files, fetched.data, key)
    aics_proofs(files, head, older, said.proofs, draw)
    scales_proofs(backend.make_backend(said.log), signing.Vkey.from_string(said.key), older, said.proofs, draw)
    print(f"ok: {head.size} entries, {report.tiles + report.bundles + 1} files, {len(older)} older heads")
    if said.flips:
        flip(Path(said.log), key, said.flips, draw)


if __name__ == "__main__":
    try:
        main()
    except (*REFUSALS, tlog.ConsistencyProofInvalid, tlog.InclusionProofInvalid, RuntimeError) as wrong:
        sys.exit(f"{type(wrong).__name__}: {wrong}")
