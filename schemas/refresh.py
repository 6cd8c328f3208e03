#!/usr/bin/env python3
"""Regenerate the schema files in this folder from the types listed in types.txt.

    python3 schemas/refresh.py            write the files
    python3 schemas/refresh.py --check    write nothing; exit 1 if a file is stale

Writes, next to this script:

    cloudformation.json  resource schemas of cfn-lint, prose removed
    terraform.json       attributes and blocks of the AWS provider
    regions.json         partitions, regions and zone names
    instance-types.json  vCPUs of each type of EC2 instance, and the quotas they count to

Needs the Python package cfn-lint (it brings botocore and regex), and terraform
with a way to install the provider. Where `terraform init` cannot install it,
name a filesystem mirror:

    TENANTRY_TF_MIRROR=<dir> python3 schemas/refresh.py

Zone names come from the Python package moto. Where it is not installed, those
already in regions.json are kept. vCPUs come from moto, too, which keeps what
`aws ec2 describe-instance-types` says, and are held against the list of the
package boaviztapi (no module of it is run). Where one of the two is not
installed, instance-types.json is kept.

The result depends only on types.txt and on the versions recorded under
"source" in each file.
"""

import argparse
import csv
import difflib
import gzip
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

AWS_PROVIDER = "hashicorp/aws"
AWS_PROVIDER_VERSION = "5.100.0"
REGION = "us-east-1"
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
ZONES_NOTE = (
    "Zone letters differ by account, and zones may be missing here; a blueprint can name its own. "
    "See https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html"
)

HERE = Path(__file__).resolve().parent


class Fail(Exception):
    """An error to print without a traceback."""


def note(text):
    print(f"refresh.py: {text}", file=sys.stderr)


def read_types(path):
    """The lines of types.txt as (CloudFormation types, resources, data sources)."""
    cfn, resources, data = [], [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        if len(words) == 2 and words[0] == "data":
            kind, name = data, words[1]
        elif len(words) == 1:
            name = words[0]
            kind = cfn if "::" in name else resources
        else:
            raise Fail(f"{path.name}:{number}: not a type: {line.strip()}")
        if name in kind:
            raise Fail(f"{path.name}:{number}: listed twice: {line.strip()}")
        kind.append(name)
    return sorted(cfn), sorted(resources), sorted(data)


# --- patterns ---------------------------------------------------------------
#
# Patterns are written for Java or ECMAScript. Here each one is read and written
# again so that the Rust crate fancy-regex takes it with the same meaning.


class Untranslatable(Exception):
    pass


# What Java's classes hold: ECMAScript, whose grammar patterns must keep to, has no such names.
POSIX = {
    "Alnum": "A-Za-z0-9", "Alpha": "A-Za-z", "ASCII": r"\x00-\x7F", "Blank": r"\x20\t",
    "Cntrl": r"\x00-\x1F\x7F", "Digit": "0-9", "Graph": r"\x21-\x7E", "Lower": "a-z",
    "Print": r"\x20-\x7E", "Punct": r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E", "Space": r"\s",
    "Upper": "A-Z", "XDigit": "0-9A-Fa-f",
}  # fmt: skip
CATEGORIES = set(
    "C Cc Cf Cn Co L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No "
    "P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs".split()
)
SCRIPTS = set(
    "Arabic Bengali Cyrillic Devanagari Greek Han Hangul Hebrew Hiragana "
    "Katakana Latin Tamil Telugu Thai".split()
)
# No pattern is multi-line, so in Rust ^ and $ are exactly \A and \z. The crate
# jsonschema takes only ^ and $: it reads patterns as ECMAScript.
EDGES = {"A": "^", "Z": "$", "z": "$"}
CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "0": 0}
QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d*)(,?)(\d*)\})([?+]?)")
GROUP = re.compile(r"\((?:\?(?:[:=!>]|<[=!]|P?<[A-Za-z_]\w*>|[imsx]+(?:-[imsx]+)?[:)]))?")
ASSERTIONS = ("(?=", "(?!", "(?<=", "(?<!")


def literal(code, in_class):
    char = chr(code)
    if code < 32 or code > 126:
        return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
    if char in ("\\^-[]&~" if in_class else "\\.+*?()|[]{}^$"):
        return "\\" + char
    return char


def read_escape(text, at, in_class):
    """What stands at the backslash text[at]: ((kind, value), position after it)."""
    if at + 1 >= len(text):
        raise Untranslatable("ends in a backslash")
    char = text[at + 1]
    after = at + 2
    if char in "dDwWsS":
        return ("set", "\\" + char), after
    if char in "pP":
        found = re.compile(r"\{(\^?)(\w+)\}|()([A-Z])").match(text, after)
        if not found:
            raise Untranslatable("a class name that cannot be read")
        name = found.group(2) or found.group(4)
        negated = (char == "P") != bool(found.group(1))
        if name in POSIX:
            if negated and in_class:
                raise Untranslatable("a negated class inside a class")
            ranges = POSIX[name]
            whole = ranges if in_class else f"[{'^' if negated else ''}{ranges}]"
            return ("set", whole), found.end()
        name = name[2:] if name.startswith("Is") else name
        if name not in CATEGORIES | SCRIPTS:
            raise Untranslatable(f"an unknown class name: {name}")
        return ("set", f"\\{'P' if negated else 'p'}{{{name}}}"), found.end()
    if char in "ux":
        found = re.compile(r"u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|[ux]\{([0-9A-Fa-f]+)\}").match(text, at + 1)
        if not found:
            raise Untranslatable("a character number that cannot be read")
        code, after = int(found.group(1) or found.group(2) or found.group(3), 16), found.end()
        if 0xD800 <= code < 0xDC00:
            low = re.compile(r"\\u(D[C-F][0-9A-F]{2})", re.I).match(text, after)
            if low:
                code, after = 0x10000 + ((code - 0xD800) << 10) + (int(low.group(1), 16) - 0xDC00), low.end()
        if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
            raise Untranslatable("half a surrogate pair")
        return ("char", code), after
    if char in CONTROLS:
        return ("char", CONTROLS[char]), after
    if in_class and char == "b":
        return ("char", 8), after
    if not in_class and char in "bBAzZ":
        return ("edge", EDGES.get(char, "\\" + char)), after
    if not in_class and char in "123456789":
        return ("set", "\\" + char), after
    if char.isascii() and char.isalnum():
        raise Untranslatable(f"an unknown escape: \\{char}")
    return ("char", ord(char)), after


def read_class(text, at):
    """The bracket expression at text[at]: (its translation, position after it)."""
    out, at = "[", at + 1
    if text.startswith("^", at):
        out, at = "[^", at + 1
    if text.startswith("]", at):
        raise Untranslatable("an empty class")
    items = []
    while True:
        if at >= len(text):
            raise Untranslatable("a class without an end")
        if text[at] == "]":
            break
        posix = re.compile(r"\[:([a-z]+):\]").match(text, at)
        if posix:
            names = {name.lower(): ranges for name, ranges in POSIX.items()}
            if posix.group(1) not in names:
                raise Untranslatable(f"an unknown class name: {posix.group(1)}")
            items.append(("set", names[posix.group(1)]))
            at = posix.end()
        elif text[at] == "\\":
            item, at = read_escape(text, at, True)
            items.append(item)
        elif text.startswith("&&[", at):
            raise Untranslatable("an intersection of classes")
        else:
            items.append(("-", 45) if text[at] == "-" else ("char", ord(text[at])))
            at += 1
    index = 0
    while index < len(items):
        kind, value = items[index]
        rest = items[index + 1 : index + 3]
        if kind == "set":
            out += value
        elif len(rest) == 2 and rest[0][0] == "-" and rest[1][0] != "set":
            if value > rest[1][1]:
                raise Untranslatable("a range that runs backwards")
            out += f"{literal(value, True)}-{literal(rest[1][1], True)}"
            index += 2
        else:
            out += literal(value, True)
        index += 1
    return out + "]", at + 1


def translate(pattern):
    import regex  # cfn-lint depends on it

    out, at, opened, last = "", 0, [], ""
    while at < len(pattern):
        char = pattern[at]
        quantifier = QUANTIFIER.match(pattern, at)
        if quantifier and quantifier.group(2) is not None and not (quantifier.group(1) or quantifier.group(3)):
            quantifier = None  # {} and {,} are literal
        if quantifier:
            if last == "assertion":
                raise Untranslatable("an assertion that is repeated")
            if not last:
                raise Untranslatable("nothing to repeat")
            text = quantifier.group()
            out += "{0" + text[1:] if text.startswith("{,") else text
            at, last = quantifier.end(), ""
        elif char == "\\":
            (kind, value), at = read_escape(pattern, at, False)
            out += literal(value, False) if kind == "char" else value
            last = "assertion" if kind == "edge" else "atom"
        elif char == "[":
            text, at = read_class(pattern, at)
            out, last = out + text, "atom"
        elif char == "(":
            group = GROUP.match(pattern, at)
            if pattern.startswith("(?", at) and len(group.group()) < 3:
                raise Untranslatable("an unknown kind of group")
            if not group.group().endswith(")"):
                opened.append("assertion" if group.group() in ASSERTIONS else "atom")
            out, at, last = out + group.group(), group.end(), ""
        elif char == ")":
            if not opened:
                raise Untranslatable("a bracket too many")
            out, at, last = out + char, at + 1, opened.pop()
        elif char in "^$|":
            out, at, last = out + char, at + 1, "" if char == "|" else "assertion"
        elif char == ".":
            out, at, last = out + char, at + 1, "atom"
        else:
            out, at, last = out + literal(ord(char), False), at + 1, "atom"
    try:
        regex.compile(out)
    except regex.error as error:
        raise Untranslatable(str(error)) from None
    return out


# --- CloudFormation ---------------------------------------------------------

SCHEMA_MAPS = {"definitions", "patternProperties", "properties"}
SCHEMA_LISTS = {"allOf", "anyOf", "oneOf"}
SCHEMAS = {"additionalProperties", "items"}
COPIED = {
    "$ref", "conditionalCreateOnlyProperties", "const", "createOnlyProperties",
    "dependencies",
    "dependentExcluded", "dependentRequired", "deprecatedProperties", "enum",
    "enumCaseInsensitive", "exclusiveMaximum", "exclusiveMinimum", "maxItems",
    "maxLength", "maxProperties", "maximum", "minItems", "minLength",
    "minProperties", "minimum", "multipleOf", "primaryIdentifier",
    "readOnlyProperties", "required", "requiredOr", "requiredXor", "type",
    "uniqueItems",
}  # fmt: skip
DROPPED = {
    "$comment", "$id", "$schema", "additionalIdentifiers", "arrayType", "default",
    "description", "documentationUrl", "examples", "handlers", "insertionOrder", "lifecycle",
    "nonPublicProperties", "propertyTransform", "relationshipRef",
    "replacementStrategy", "resourceLink", "sourceUrl", "title",
    "typeConfiguration", "typeName", "writeOnlyProperties",
}  # fmt: skip


class Cleaner:
    """One resource schema, without what no program needs."""

    def __init__(self, name):
        self.name = name
        self.dropped_patterns = {}
        self.lost = 0  # constraints that were not carried over

    def pattern(self, text, path):
        try:
            return translate(text)
        except Untranslatable as reason:
            self.dropped_patterns[path] = text
            self.lost += 1
            note(f"{self.name}: pattern dropped at {path}: {reason}")
            return None

    def map(self, keyword, schemas, path):
        out = {}
        for key, schema in schemas.items():
            here = f"{path}/{key}"
            name = self.pattern(key, here) if keyword == "patternProperties" else key
            if name is not None:
                out[name] = self.schema(schema, here)
        return out

    def schema(self, schema, path=""):
        if not isinstance(schema, dict):
            return schema
        out = {}
        for key, value in schema.items():
            here = f"{path}/{key}"
            if key in SCHEMA_MAPS:
                out[key] = self.map(key, value, here)
            elif key in SCHEMA_LISTS:
                self.combine(schema, key, out, here)
            elif key in SCHEMAS:
                if isinstance(value, list):
                    out[key] = [self.schema(v, f"{here}/{i}") for i, v in enumerate(value)]
                else:
                    out[key] = self.schema(value, here)
            elif key == "pattern":
                text = self.pattern(value, here)
                if text is not None:
                    out[key] = text
            elif key == "format":
                if value.startswith("AWS::"):
                    out[key] = value
                else:
                    self.lost += 1
            elif key == "tagging":
                out[key] = {k: value[k] for k in ("taggable", "tagProperty") if k in value}
            elif key == "taggable":
                if "tagging" not in schema:
                    out["tagging"] = {"taggable": value}
            elif key in COPIED:
                out[key] = value
            elif key not in DROPPED:
                note(f"{self.name}: unknown keyword not carried over: {here}")
        if len(out.get("patternProperties", ())) < len(schema.get("patternProperties", ())):
            # What the lost pattern allowed would now count as additional.
            out.pop("additionalProperties", None)
        return out

    def combine(self, schema, keyword, out, path):
        before = self.lost
        cleaned = [self.schema(s, f"{path}/{i}") for i, s in enumerate(schema[keyword])]
        if keyword == "allOf":
            cleaned = [c for c in cleaned if c]
        elif not all(cleaned):
            return  # a branch that says nothing allows everything
        elif keyword == "oneOf" and self.lost > before:
            if "anyOf" in schema:
                return
            keyword = "anyOf"  # branches may overlap now
        if cleaned:
            out[keyword] = cleaned


def cloudformation(names):
    try:
        from cfnlint.helpers import REGIONS
        from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
        from cfnlint.version import __version__ as version
    except ImportError as error:
        raise Fail(f"the Python package cfn-lint is needed: {error}") from None

    types, dropped, missing = {}, {}, []
    for name in names:
        try:
            found = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, name)
        except Exception:  # cfn-lint's own error for an unknown type
            missing.append(name)
            continue
        cleaner = Cleaner(name)
        types[name] = cleaner.schema(found.schema)
        types[name]["attributes"] = sorted(found.get_atts)
        if cleaner.dropped_patterns:
            dropped[name] = cleaner.dropped_patterns
    if missing:
        raise Fail(f"cfn-lint {version} does not know: {', '.join(missing)}")
    absent = {}
    for region in sorted(REGIONS):
        there = set(PROVIDER_SCHEMA_MANAGER.get_resource_types(region))
        if lacking := [name for name in names if name not in there]:
            absent[region] = lacking
    return {
        "source": {"cfn-lint": version, "region": REGION},
        "absent": absent,
        "dropped_patterns": dropped,
        "types": types,
    }


# --- Terraform --------------------------------------------------------------


def run_terraform(folder, environment, *arguments):
    try:
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise Fail("terraform is needed and was not found") from None
    except subprocess.TimeoutExpired:
        raise Fail(f"terraform {arguments[0]}: no answer in 10 minutes") from None
    if done.returncode:
        hint = ""
        if arguments[0] == "init" and not os.environ.get("TENANTRY_TF_MIRROR"):
            hint = "\nTENANTRY_TF_MIRROR=<dir> names a filesystem mirror of providers to use."
        raise Fail(f"terraform {arguments[0]} failed:\n{done.stderr.strip()}{hint}")
    return done.stdout


def provider_schema():
    """(terraform's version, the provider's schema)."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TF_CLI_ARGS", "TF_LOG"))}
    for name in ("TF_DATA_DIR", "TF_WORKSPACE", "TF_REATTACH_PROVIDERS"):
        kept.pop(name, None)
    kept["CHECKPOINT_DISABLE"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        mirror = os.environ.get("TENANTRY_TF_MIRROR")
        if mirror:
            config = Path(folder, "cli.tfrc")
            path = json.dumps(str(Path(mirror).resolve())).replace("${", "$${").replace("%{", "%%{")
            config.write_text(
                f"provider_installation {{\n  filesystem_mirror {{\n    path = {path}\n  }}\n}}\n",
                encoding="utf-8",
            )
            kept["TF_CLI_CONFIG_FILE"] = str(config)
        root = {
            "terraform": {
                "required_providers": {"aws": {"source": AWS_PROVIDER, "version": AWS_PROVIDER_VERSION}}
            }
        }
        Path(folder, "main.tf.json").write_text(json.dumps(root), encoding="utf-8")
        run_terraform(folder, kept, "init", "-backend=false", "-input=false", "-no-color")
        version = json.loads(run_terraform(folder, kept, "version", "-json"))["terraform_version"]
        schemas = json.loads(run_terraform(folder, kept, "providers", "schema", "-json"))
    for address, schema in schemas["provider_schemas"].items():
        if address.endswith("/" + AWS_PROVIDER):
            return version, schema
    raise Fail(f"terraform gave no schema for {AWS_PROVIDER}")


def nested_type(nested):
    """The type expression of an attribute that has attributes of its own."""
    fields = {
        name: attribute["type"] if "type" in attribute else nested_type(attribute["nested_type"])
        for name, attribute in nested["attributes"].items()
    }
    mode = nested["nesting_mode"]
    return ["object", fields] if mode == "single" else [mode, ["object", fields]]


def attribute_of(attribute):
    if attribute.get("required"):
        mode = "required"
    else:
        mode = "+".join(m for m in ("optional", "computed") if attribute.get(m))
    kind = attribute["type"] if "type" in attribute else nested_type(attribute["nested_type"])
    out = {"type": kind, "mode": mode}
    if attribute.get("deprecated"):
        out["deprecated"] = True
    return out


def block_of(block, above=()):
    """`above`: the names of the blocks that this one stands in.

    The provider writes a block that may hold itself as many times as it may stand in itself, so
    that one type is over a megabyte. Inside itself such a block is not written out: what stands in
    it is not judged here, and `terraform validate` judges it.
    """
    blocks = {}
    for name, nested in block.get("block_types", {}).items():
        if name == "timeouts":
            continue
        blocks[name] = {
            "nesting": nested["nesting_mode"],
            "min": nested.get("min_items", 0),
            "max": nested.get("max_items", 0),
        }
        if name not in above:
            blocks[name]["block"] = block_of(nested["block"], (*above, name))
        if nested["block"].get("deprecated"):
            blocks[name]["deprecated"] = True
    return {
        "attributes": {name: attribute_of(a) for name, a in block.get("attributes", {}).items()},
        "blocks": blocks,
    }


def terraform(resources, data):
    version, schema = provider_schema()
    out = {"source": {"terraform": version, AWS_PROVIDER: AWS_PROVIDER_VERSION}}
    missing = []
    for section, names, known in (
        ("resources", resources, schema["resource_schemas"]),
        ("data", data, schema["data_source_schemas"]),
    ):
        missing += [f"{section}: {name}" for name in names if name not in known]
        out[section] = {name: block_of(known[name]["block"]) for name in names if name in known}
    if missing:
        raise Fail(f"{AWS_PROVIDER} {AWS_PROVIDER_VERSION} does not know: {', '.join(missing)}")
    return out


# --- regions ----------------------------------------------------------------


def known_zones():
    """(moto's version, {region: [zone name]})."""
    try:
        import moto
        from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
    except ImportError:
        old = HERE / "regions.json"
        if not old.exists():
            note("moto is not installed: regions.json names no zones")
            return None, {}
        note("moto is not installed: the zones in regions.json are kept")
        old = json.loads(old.read_text(encoding="utf-8"))
        zones = {}
        for partition in old["partitions"].values():
            zones.update(partition["regions"])
        return old["source"]["moto"], zones
    zones = {
        region: sorted(zone.name for zone in zones if zone.zone_type == "availability-zone")
        for region, zones in RegionsAndZonesBackend.zones.items()
    }
    return moto.__version__, zones


def regions():
    try:
        import botocore
        from botocore.loaders import Loader
    except ImportError as error:
        raise Fail(f"the Python package botocore is needed: {error}") from None

    folder = str(Path(botocore.__file__).parent / "data")
    endpoints = Loader(extra_search_paths=[folder], include_default_search_paths=False).load_data("endpoints")
    moto_version, zones = known_zones()
    return {
        "source": {"botocore": botocore.__version__, "moto": moto_version, "zones": ZONES_NOTE},
        "partitions": {
            partition["partition"]: {
                "dns_suffix": partition["dnsSuffix"],
                "regions": {region: zones.get(region, []) for region in partition["regions"]},
            }
            for partition in endpoints["partitions"]
            if partition["partition"] in PARTITIONS
        },
    }


# --- instance types ---------------------------------------------------------

# The letters that types begin with, by the quotas that they count to. AWS has none for Spot of high memory
# and HPC. Families are put to them by https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html.
CLASSES = {
    "dl": ["dl"],
    "f": ["f"],
    "g-and-vt": ["g", "gr", "vt"],
    "high-memory": ["u"],
    "hpc": ["hpc"],
    "inf": ["inf"],
    "p": ["p"],
    "standard": ["a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"],
    "trn": ["trn"],
    "x": ["x"],
}
NOT_SPOT = ("high-memory", "hpc")
TYPES_NOTE = (
    "Facts only. The families in `alone` are in one of the records only, and are here as far as their numbers are those "
    "that their sizes say; whatever else one record has alone is left out. What AWS publishes: "
    "https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html"
)


def package_file(package, path):
    """A file of an installed package, whose modules are not run; None where it is not installed."""
    found = importlib.util.find_spec(package)
    return found and Path(found.origin).parent / path


def said_by_size(size):
    """The vCPUs of a size, as far as its name tells: an `xlarge` has four."""
    if size in ("medium", "large"):
        return {"medium": 1, "large": 2}[size]
    many = re.fullmatch(r"(\d*)xlarge|metal-(\d+)xl", size)
    return many and 4 * int(many[1] or many[2] or 1)


def instance_types():
    """What each type has, and which quotas it counts to; None where a record is missing."""
    import botocore
    from botocore.loaders import Loader

    described = package_file("moto", "ec2/resources/instance_types.json.gz")
    listed = package_file("boaviztapi", "data/archetypes/cloud/aws.csv")
    if not (described and listed):
        note("moto or boaviztapi is not installed: instance-types.json is kept")
        return None
    with gzip.open(described) as text:
        first = {name: it["VCpuInfo"]["DefaultVCpus"] for name, it in json.load(text).items()}
    with open(listed, encoding="utf-8", newline="") as lines:
        second = {row["id"]: int(float(row["vcpu"])) for row in csv.DictReader(lines) if row["vcpu"]}
    folder = str(Path(botocore.__file__).parent / "data")
    model = Loader(extra_search_paths=[folder], include_default_search_paths=False).load_service_model("ec2", "service-2")
    letters = {one for all_of_class in CLASSES.values() for one in all_of_class}

    families, alone = {}, set()
    for name in model["shapes"]["InstanceType"]["enum"]:
        family, size = name.split(".")
        counts = {record[name] for record in (first, second) if name in record}
        if re.match("[a-z]+", family)[0] not in letters or not counts:
            continue
        if len(counts) > 1:
            raise Fail(f"{name} has {sorted(counts)} vCPUs")
        (count,) = counts
        if name not in first or name not in second:
            if said_by_size(size) != count:
                note(f"{name} is left out: only one record has it, and {count} vCPUs do not follow from its name")
                continue
            alone.add(family)
        families.setdefault(family, {})[size] = count
    return {
        "source": {
            "boaviztapi": version("boaviztapi"),
            "botocore": botocore.__version__,
            "moto": version("moto"),
            "note": TYPES_NOTE,
        },
        "alone": sorted(alone),
        "classes": {
            name: {
                "letters": of_class,
                "on_demand": f"ec2.on-demand-{name}-vcpus",
                "spot": None if name in NOT_SPOT else f"ec2.spot-{name}-vcpus",
            }
            for name, of_class in CLASSES.items()
        },
        "families": families,
    }


# --- files ------------------------------------------------------------------


def dump(value, depth, indent=""):
    """JSON with sorted keys, the objects above `depth` spread over lines."""
    if depth == 0 or not isinstance(value, dict) or not value:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
    inner = indent + "  "
    lines = [f"{inner}{json.dumps(key)}: {dump(value[key], depth - 1, inner)}" for key in sorted(value)]
    return "{\n" + ",\n".join(lines) + "\n" + indent + "}"


def compare(name, old, new):
    """Print a short unified diff; lines are cut, since a type is one line."""
    print(f"{name}: stale")
    added = removed = 0
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), f"{name} (here)", f"{name} (fresh)", lineterm="", n=0)
    for number, line in enumerate(lines):
        added += number > 1 and line.startswith("+")
        removed += number > 1 and line.startswith("-")
        if number < 60:
            print("  " + (line if len(line) <= 120 else line[:117] + "..."))
    print(f"  {removed} lines out, {added} lines in")


def main():
    parser = argparse.ArgumentParser(description="Regenerate the schema files in this folder.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is stale")
    check = parser.parse_args().check

    cfn, resources, data = read_types(HERE / "types.txt")
    files = {
        "cloudformation.json": (cloudformation(cfn), 2),
        "terraform.json": (terraform(resources, data), 2),
        "regions.json": (regions(), 4),
        "instance-types.json": (instance_types(), 2),
    }
    stale = False
    for name, (content, depth) in files.items():
        if content is None:
            continue
        path = HERE / name
        new = dump(content, depth) + "\n"
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if check:
            if old != new:
                stale = True
                compare(name, old, new)
            else:
                print(f"{name}: up to date")
        else:
            path.write_text(new, encoding="utf-8", newline="\n")
            source = ", ".join(f"{k} {v}" for k, v in content["source"].items() if k not in ("zones", "note"))
            state = "written" if old != new else "unchanged"
            print(f"{name}: {state}, {len(new)} bytes ({source})")
    return 1 if stale else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Fail as failure:
        note(failure)
        sys.exit(2)
