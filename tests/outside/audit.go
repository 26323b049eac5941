// Audits a C2SP tlog-tiles log with the packages note and tlog that come with the Go toolchain; nothing of the program
// that wrote the log is in here.
//
//	audit [-old CHECKPOINT]… [-flips N] [-seed S] KEY LOG
//
// LOG is an address or a folder. Exit 0 with one line of what was checked, or 1 with one line of what is wrong.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// source hands out a file of the log by its path below the log's prefix.
type source func(path string) ([]byte, error)

// Height and the next two make a source one of tiles for tlog, which proves each tile before it uses it.
func (source) Height() int                     { return 8 }
func (source) SaveTiles([]tlog.Tile, [][]byte) {}
func (get source) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, t := range tiles {
		bytes, err := get(path(t))
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

// path is that of C2SP; the package's own names the height and calls entries data.
func path(t tlog.Tile) string {
	return strings.Replace(strings.Replace(t.Path(), "tile/8/", "tile/", 1), "tile/data/", "tile/entries/", 1)
}

// hashes are those of a whole tree in the order of tlog.StoredHashIndex.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) (found []tlog.Hash, err error) {
	for _, i := range indexes {
		if i >= int64(len(h)) {
			return nil, errors.New("the tree does not reach so far")
		}
		found = append(found, h[i])
	}
	return found, nil
}

// head opens a checkpoint. Lines of other keys are passed over, as the format demands. The unused bits at the end of a
// signature's base64, which no signature covers and the note package tolerates, have to be zero.
func head(signed []byte, key note.Verifier) (tree tlog.Tree, err error) {
	n, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return tree, err
	}
	if _, err := base64.StdEncoding.Strict().DecodeString(n.Sigs[0].Base64); err != nil {
		return tree, fmt.Errorf("its signature is not canonical base64: %w", err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != key.Name() {
		return tree, errors.New("it is no checkpoint of this log")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// audit recomputes the whole log from its entries and compares every published file with what it has to be.
func audit(get source, key note.Verifier) (tree tlog.Tree, all hashes, err error) {
	signed, err := get("checkpoint")
	if err != nil {
		return tree, nil, err
	}
	if tree, err = head(signed, key); err != nil {
		return tree, nil, fmt.Errorf("checkpoint: %w", err)
	}
	tiles := tlog.NewTiles(8, 0, tree.N)
	n := int64(0)
	for _, t := range tiles {
		if t.L != 0 {
			continue
		}
		t.L = -1
		bundle, err := get(path(t))
		if err != nil {
			return tree, nil, err
		}
		for range t.W {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				return tree, nil, fmt.Errorf("%s: ends too early", path(t))
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			stored, err := tlog.StoredHashes(n, bundle[2:end], all)
			if err != nil {
				return tree, nil, err
			}
			all, bundle, n = append(all, stored...), bundle[end:], n+1
		}
		if len(bundle) != 0 {
			return tree, nil, fmt.Errorf("%s: goes on after its last entry", path(t))
		}
	}
	if root, err := tlog.TreeHash(tree.N, all); err != nil || root != tree.Hash {
		return tree, nil, fmt.Errorf("checkpoint: the entries have the root %v, signed is %v", root, tree.Hash)
	}
	for _, t := range tiles {
		published, err := get(path(t))
		if err != nil {
			return tree, nil, err
		}
		if computed, err := tlog.ReadTileData(t, all); err != nil || !bytes.Equal(published, computed) {
			return tree, nil, fmt.Errorf("%s: holds other hashes than those of the entries", path(t))
		}
	}
	return tree, all, nil
}

// continues checks that one tree is a prefix of another.
func continues(older, newer tlog.Tree, tiles tlog.HashReader) error {
	if older.N == 0 {
		return nil // Every log continues the empty one; the package proves from one entry on.
	}
	proof, err := tlog.ProveTree(newer.N, older.N, tiles)
	if err == nil {
		err = tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash)
	}
	if err != nil {
		return fmt.Errorf("the log of %d entries does not continue that of %d: %w", newer.N, older.N, err)
	}
	return nil
}

// prove checks a hundred proofs of each kind, made from the published tiles, and that older heads are prefixes.
func prove(get source, tree tlog.Tree, all hashes, old []tlog.Tree, random *rand.Rand) error {
	tiles := tlog.TileHashReader(tree, get)
	for range min(tree.N, 100) {
		n := random.Int63n(tree.N)
		proof, err := tlog.ProveRecord(tree.N, n, tiles)
		if err == nil {
			err = tlog.CheckRecord(proof, tree.N, tree.Hash, n, all[tlog.StoredHashIndex(0, n)])
		}
		if err != nil {
			return fmt.Errorf("inclusion of entry %d: %w", n, err)
		}
		newer := tlog.Tree{N: 1 + random.Int63n(tree.N)}
		older := tlog.Tree{N: 1 + random.Int63n(newer.N)}
		for _, t := range []*tlog.Tree{&newer, &older} {
			if t.Hash, err = tlog.TreeHash(t.N, tiles); err != nil {
				return err
			}
		}
		if err := continues(older, newer, tiles); err != nil {
			return err
		}
	}
	for _, older := range old {
		if err := continues(older, tree, tiles); err != nil {
			return err
		}
	}
	return nil
}

// receipts checks those that a server hands out at proof/N; an exported folder has none.
func receipts(get source, key note.Verifier, all hashes, tree tlog.Tree, random *rand.Rand) error {
	for range min(tree.N, 100) {
		n := random.Int63n(tree.N)
		text, err := get(fmt.Sprintf("proof/%d", n))
		if err != nil {
			return err
		}
		top, signed, _ := strings.Cut(string(text), "\n\n")
		lines := strings.Split(top, "\n")
		if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != fmt.Sprintf("index %d", n) {
			return fmt.Errorf("proof/%d: is no receipt of this entry", n)
		}
		var proof tlog.RecordProof
		for _, line := range lines[2:] {
			hash, err := tlog.ParseHash(line)
			if err != nil {
				return fmt.Errorf("proof/%d: %w", n, err)
			}
			proof = append(proof, hash)
		}
		under, err := head([]byte(signed), key)
		if err == nil {
			err = tlog.CheckRecord(proof, under.N, under.Hash, n, all[tlog.StoredHashIndex(0, n)])
		}
		if err != nil {
			return fmt.Errorf("proof/%d: %w", n, err)
		}
	}
	return nil
}

// flip changes one bit of one file at a time: each of the checkpoint, then so many at random, every file as likely as
// the next. It fails where an audit accepts what was changed.
func flip(files map[string][]byte, key note.Verifier, count int, random *rand.Rand) error {
	paths := slices.Sorted(maps.Keys(files))
	bits := 8 * len(files["checkpoint"])
	accepted := 0
	for i := range bits + count {
		path, bit := "checkpoint", i
		if i >= bits {
			path = paths[random.Intn(len(paths))]
			bit = random.Intn(8 * len(files[path]))
		}
		files[path][bit/8] ^= 1 << (bit % 8)
		if _, _, err := audit(folder(files), key); err == nil {
			accepted++
			fmt.Fprintf(os.Stderr, "accepted: bit %d of %s\n", bit, path)
		}
		files[path][bit/8] ^= 1 << (bit % 8)
	}
	fmt.Printf("flips: %d of %d rejected, %d of them in the checkpoint\n", bits+count-accepted, bits+count, bits)
	if accepted > 0 {
		return fmt.Errorf("%d flipped bits were accepted", accepted)
	}
	return nil
}

func folder(files map[string][]byte) source {
	return func(path string) ([]byte, error) {
		if bytes, ok := files[path]; ok {
			return bytes, nil
		}
		return nil, fmt.Errorf("%s: is missing", path)
	}
}

func server(address string) source {
	// Hashes do not get smaller by compression.
	client := http.Client{Transport: &http.Transport{DisableCompression: true}}
	return func(path string) ([]byte, error) {
		answer, err := client.Get(strings.TrimSuffix(address, "/") + "/" + path)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %s", path, answer.Status)
		}
		return io.ReadAll(answer.Body)
	}
}

// load reads a folder into memory.
func load(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	tree := os.DirFS(dir)
	err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files[path], err = fs.ReadFile(tree, path)
		}
		return err
	})
	return files, err
}

func run() error {
	var kept []string
	flag.Func("old", "a checkpoint that was kept: it has to be a prefix", func(file string) error {
		kept = append(kept, file)
		return nil
	})
	flips := flag.Int("flips", 0, "flip so many bits, one at a time, and expect to notice each")
	seed := flag.Int64("seed", 1, "of what is drawn")
	flag.Parse()
	if flag.NArg() != 2 {
		return errors.New("usage: audit [-old CHECKPOINT]… [-flips N] [-seed S] KEY LOG")
	}
	key, err := note.NewVerifier(flag.Arg(0))
	if err != nil {
		return err
	}
	random := rand.New(rand.NewSource(*seed))
	served := strings.HasPrefix(flag.Arg(1), "http://") || strings.HasPrefix(flag.Arg(1), "https://")
	get := server(flag.Arg(1))
	var files map[string][]byte
	if !served {
		if files, err = load(flag.Arg(1)); err != nil {
			return err
		}
		get = folder(files)
	}
	read := map[string][]byte{}
	once := func(path string) (content []byte, err error) {
		if content, known := read[path]; known {
			return content, nil
		}
		if content, err = get(path); err == nil {
			read[path] = content
		}
		return content, err
	}
	tree, all, err := audit(once, key)
	if err != nil {
		return err
	}
	for path := range files {
		if _, known := read[path]; !known {
			return fmt.Errorf("%s: is no file of this log", path)
		}
	}
	published := len(read)
	var old []tlog.Tree
	for _, file := range kept {
		signed, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		older, err := head(signed, key)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		old = append(old, older)
	}
	if err := prove(once, tree, all, old, random); err != nil {
		return err
	}
	if served {
		if err := receipts(get, key, all, tree, random); err != nil {
			return err
		}
	}
	fmt.Printf("ok: %d entries, %d files, %d older heads\n", tree.N, published, len(old))
	if *flips > 0 {
		return flip(files, key, *flips, random)
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
