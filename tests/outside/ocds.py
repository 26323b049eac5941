"""Whether release packages are what the standard wants: by its own schemas, by the merging of its own library, and by our
extension as it is served. Usage: ocds.py SCHEMAS EXTENSION FILE...

One line a fault, `FILE: PLACE: what`, and exit 1; else one line with what was looked at.
"""

import csv
import datetime
import json
import pathlib
import re
import sys
import urllib.parse
import warnings

import ocdsmerge
from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

# Codes of the standard's open lists that we use; the closed ones are in the schema.
CODES = {
    "partyRole.csv": {"procuringEntity", "supplier", "tenderer"},
    "submissionMethod.csv": {"electronicAuction"},
    "documentType.csv": {"tenderNotice", "biddingDocuments", "awardNotice", "evaluationReports"},
    "relatedProcess.csv": {"unsuccessfulProcess", "prior"},
    "relatedProcessScheme.csv": {"ocid"},
    "bidStatistics.csv": {"bidders"},
    "awardCriteria.csv": set(),
    "itemClassificationScheme.csv": {"XIANGJI-ASSET-CLASS"},
}

formats = FormatChecker(formats=())


@formats.checks("date-time")
def is_date_time(text):
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    if not isinstance(text, str):
        return True
    try:
        return bool(re.fullmatch(form, text)) and bool(datetime.datetime.fromisoformat(text[:19]))
    except ValueError:
        return False


@formats.checks("uri")
def is_uri(text):
    if not isinstance(text, str):
        return True
    return bool(re.fullmatch(r"[!-~]+", text)) and bool(urllib.parse.urlsplit(text).scheme)


def merged(target, patch):
    """RFC 7396, by which an extension changes the schema."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def without_nulls(value):
    """What a null takes back is not there any more, nor an object of which nothing is left."""
    if isinstance(value, dict):
        left = {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
        return {key: inner for key, inner in left.items() if inner != {}}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def read(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


class Standard:
    def __init__(self, schemas, extension):
        profile = read(schemas / "profile-schema.json")["definitions"]
        bids = {name: profile[name] for name in ("Bids", "BidsStatistic")}
        # Who bid what is nothing that we tell.
        bids["Bids"] = dict(bids["Bids"], properties={"statistics": bids["Bids"]["properties"]["statistics"]})
        patch = read(extension / "release-schema.json")
        release = merged(read(schemas / "release-schema.json"), patch)
        self.release = merged(
            release, {"properties": {"bids": {"$ref": "#/definitions/Bids"}}, "definitions": bids}
        )
        package = read(schemas / "release-package-schema.json")
        registry = Registry().with_resource(
            package["properties"]["releases"]["items"]["$ref"],
            Resource.from_contents(self.release, default_specification=DRAFT4),
        )
        self.package = package
        self.validator = Draft4Validator(package, registry=registry, format_checker=formats)
        Draft4Validator.check_schema(self.release)
        self.codes = {name: set(codes) for name, codes in CODES.items()}
        for name in read(extension / "extension.json")["codelists"]:
            with open(extension / "codelists" / name, encoding="utf-8") as lines:
                self.codes.setdefault(name.lstrip("+"), set()).update(row["Code"] for row in csv.DictReader(lines))

    def resolve(self, schema):
        while "$ref" in schema and schema["$ref"].startswith("#/definitions/"):
            schema = self.release["definitions"][schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def strange(self, schema, value, place):
        """Members that neither the standard nor an extension knows, and codes that are in none of the lists."""
        schema = self.resolve(schema)
        if isinstance(value, dict):
            known = schema.get("properties", {})
            for key, inner in value.items():
                if key not in known:
                    yield f"{place}/{key}: not in the schema"
                else:
                    yield from self.strange(known[key], inner, f"{place}/{key}")
        elif isinstance(value, list):
            for n, inner in enumerate(value):
                yield from self.strange(schema.get("items", {}), inner, f"{place}/{n}")
                yield from self.code(schema, inner, f"{place}/{n}")
        else:
            yield from self.code(schema, value, place)

    def code(self, schema, value, place):
        if schema.get("openCodelist") and isinstance(value, str) and value not in self.codes.get(schema["codelist"], ()):
            yield f"{place}: {value!r} is in no list of {schema['codelist']}"

    def faults(self, package):
        for error in self.validator.iter_errors(package):
            yield "/" + "/".join(map(str, error.absolute_path)) + ": " + error.message[:200]
        releases = package.get("releases")
        for n, release in enumerate(releases if isinstance(releases, list) else []):
            yield from self.strange(self.release, release, f"/releases/{n}")

    def of_all(self, package):
        """What no schema says: one process, dates in order, identifiers once, and the whole merges to its last release."""
        releases = package["releases"]
        if len({release["ocid"] for release in releases}) != 1:
            yield "/releases: more than one ocid"
        if len({release["id"] for release in releases}) != len(releases):
            yield "/releases: an id is there twice"
        dates = [datetime.datetime.fromisoformat(release["date"]) for release in releases]
        if dates != sorted(dates) or package["publishedDate"] != releases[-1]["date"]:
            yield "/releases: the dates are not in order"
        for n, release in enumerate(releases):
            parties = {party["id"]: party for party in release["parties"]}
            suppliers = [supplier for award in release.get("awards", []) for supplier in award.get("suppliers", [])]
            for reference in [release["tender"]["procuringEntity"], *suppliers]:
                if parties.get(reference["id"], {}).get("name") != reference["name"]:
                    yield f"/releases/{n}: {reference['id']} is none of the parties"
        # Two of one moment stand in the order of the file.
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compiled = ocdsmerge.Merger(self.release).create_compiled_release(releases)
        for error in self.validator.iter_errors(dict(package, releases=[compiled])):
            yield f"/compiled: {error.message[:200]}"
        for part in ("parties", "tender", "awards", "bids", "relatedProcesses"):
            if without_nulls(compiled.get(part)) != without_nulls(releases[-1].get(part)):
                yield f"/compiled/{part}: the releases do not merge to the last of them"


def main(schemas, extension, files):
    standard = Standard(pathlib.Path(schemas), pathlib.Path(extension))
    found = releases = 0
    ocids = set()
    for file in files:
        package = read(file)
        faults = list(standard.faults(package))
        if not faults:
            faults = list(standard.of_all(package))
            ocid = package["releases"][0]["ocid"]
            if ocid in ocids:
                faults.append(f"/: {ocid} is in two files")
            ocids.add(ocid)
            releases += len(package["releases"])
        for fault in faults:
            print(f"{file}: {fault}")
        found += len(faults)
    if found:
        sys.exit(1)
    print(f"{len(files)} packages, {releases} releases")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
