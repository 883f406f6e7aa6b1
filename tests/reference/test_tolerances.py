"""The comparison must go red: each field of perfect reports is spoilt by what its row allows.

Twice the tolerance must fail and half of it pass, counts differ by 1, words are other words, lists
lose an entry, fields are taken away, and null stands for a number and a number for null.
"""

import base64
import copy
import json
import math

import jsonschema
import pytest

from compare import Ledger, Walk, compare, list_own_groups, make_own_walk, make_root, make_walk
from definitions.files import load
from definitions.rollup import rollups
from fixtures.listed import LISTED as LISTED_CASES
from make_fixtures import CASES, HERE
from perfect import make_perfect_report
from tolerances import LISTED, LISTED_RULES, RULES, TABLE
from tolerances.rows import Aid, Cells, Ends, Free, Part, Place, Same, Tolerance

SCHEMA = json.loads((HERE.parent.parent / "docs/report.schema.json").read_text())
NUMBERS = (Tolerance, Ends)
# Entries of one list that are spoilt one by one: its first ones and its last.
FIRST = 2


def load_reference(case):
    """Returns a kept reference."""
    return load(HERE / "fixtures" / case / "reference.json.gz")


class Collect(Walk):
    """Walks a report and keeps every place with its row."""

    def __init__(self, walk):
        super().__init__(walk.ledger, walk.table, walk.rules, walk.default, walk.metric)
        self.places = []

    def judge(self, place, row, metric):
        self.places.append((place, row))
        super().judge(place, row, metric)


def other_value(found):
    """Returns another value of the same kind, of a count the next one."""
    match found:
        case None:
            return 0
        case bool():
            return not found
        case int():
            return found + 1
        case float():
            return 1.5 * found + 1
        case str():
            return f"{found} or another word"
        case dict():
            return {**found, "unknown": 0}
        case _:
            return [*found[:-1], other_value(found[-1])] if found else [0]


def is_beyond(place):
    """Says whether a list holds many numbers, of which this is not one of the first or the last."""
    return isinstance(place.key, int) and FIRST <= place.key < len(place.up.got) - 1


def spoil_number(place, row):
    """Returns (wrong, right) values by what the row allows."""
    allowed = row.allowed(place)
    if not allowed.number:
        return [0.25], [None]
    wrong, right = ["word", [], math.nan], [None] if allowed.null else []
    if not allowed.null:
        wrong.append(None)
    for sign, size in ((1, allowed.above), (-1, allowed.below)):
        if 0 < size < math.inf:
            wrong.append(allowed.true + 2 * sign * size)
            right.append(allowed.true + 0.5 * sign * size)
        elif size == 0:
            wrong.append(allowed.true + sign * max(1e-9 * abs(allowed.true), 1e-300))
    return wrong, right


def move_cell(cells, at, by):
    """Returns a map with one cell moved, or None where a byte ends."""
    if not 0 <= cells[at] + by <= 255:
        return None
    moved = bytearray(cells)
    moved[at] += by
    return base64.b64encode(moved).decode()


def spoil_map(place, row):
    """Returns (wrong, right) maps: cells moved by what is allowed and by one more."""
    if place.want is None:
        return ["AAAA"], [None]
    ends = row.allowed(place)
    wrong, right = [None, "not base64", place.got[:-4], 7], []
    if ends is None:
        return wrong, right
    low, high = bytes(ends[0]), bytes(ends[1])
    for i, slack in enumerate(ends[2]):
        if i < FIRST or (slack and len(right) < 4 * FIRST):
            wrong += [move_cell(low, i, -slack - 1), move_cell(high, i, slack + 1)]
            right += [move_cell(low, i, -slack), move_cell(high, i, slack)]
    return wrong, [cells for cells in right if cells is not None]


def spoil_part(place, part):
    """Returns wrong objects and lists: an entry or a field less, one more, and null or
    something."""
    got = place.got
    if got is None:
        return [0, {}, []], [None]
    wrong = [None, "word", [*got, *got, 0] if isinstance(got, list) else []]
    if isinstance(got, dict):
        wrong += [{k: v for k, v in got.items() if k != key} for key in got]
        wrong.append({**got, "unknown": 0})
    elif got and not (part.lengths and part.lengths(place)[0] < len(got)):
        wrong.append(got[:-1])
    return wrong, []


def spoil(place, row):
    """Returns (wrong, right) values of one place."""
    if isinstance(row, NUMBERS):
        return spoil_number(place, row)
    if isinstance(row, Cells):
        return spoil_map(place, row)
    if row is None or isinstance(row, Part):
        return spoil_part(place, row or Part())
    if row.__class__ is Same and row.extract:
        return [place.got[:-1] if place.got else [{"name": "x", "reason": "y"}]], []
    wrong = [other_value(place.got), {"unknown": 0}, None if place.got is not None else 0]
    return wrong + ([place.got[:-1]] if isinstance(place.got, list) and place.got else []), []


def collect_failures(walk, place, row, found):
    """Returns the failures of one place by its row, while the report holds another value there."""
    walk.ledger, parent, kept = Ledger(), place.up.got, place.got
    parent[place.key] = found
    spoilt_place = Place(place.path, place.key, found, place.want, place.rounded, place.up)
    walk.visit_row(spoilt_place, row)
    parent[place.key] = kept
    return walk.ledger.failures


def is_spoilt_here(place, row, seen):
    """Says whether a place is spoilt: numbers and words everywhere; objects and lists, which hold
    many, once for each path."""
    if place.up is None or (isinstance(place.up.got, list) and is_beyond(place)):
        return False
    if getattr(row, "when", None) and not row.when(place):
        return False
    return not (row is None or isinstance(row, Part)) or (place.path, "") not in seen


def spoil_all(walk, root, seen):
    """Spoils every place below one and checks each verdict; adds (path, label) to `seen`."""
    collect = Collect(walk)
    collect.visit(root)
    assert collect.ledger.failures == []
    for place, row in collect.places:
        if not is_spoilt_here(place, row, seen):
            continue
        seen.add((place.path, getattr(row, "label", "")))
        wrong, right = spoil(place, row)
        for found in wrong:
            assert collect_failures(walk, place, row, found), f"{place.path} may be {found!r}"
        for found in right:
            bad = collect_failures(walk, place, row, found)
            assert bad == [], f"{place.path} may not be {found!r}"


def add_steps(reference):
    """Returns the reference of three runs, as if they were saves of one run."""
    steps = {"changed": 1, "density": 0.5, "row_density": None, "column_density": None}
    for entry in reference["overlaps"]:
        axes = {"row_density": entry["row_consensus"], "column_density": entry["column_consensus"]}
        entry["steps"] = [copy.deepcopy({**steps, **axes}) for _ in entry["runs"]]
    return reference


ROUTES = [
    *((case, True, "") for case in CASES),
    *((case, False, "") for case in ("qwen2", "hidden", "gpt2", "lora", "tiny")),
    ("three_runs", True, "steps"),
    *((case, True, "listed") for case in LISTED_CASES),
]


@pytest.fixture(scope="module")
def seen():
    """Returns (path, label) of every row that was spoilt, by its table."""
    return {"base": set(), "listed": set(), "own": set()}


@pytest.mark.parametrize("case, exact, kind", ROUTES)
def test_a_spoilt_field_goes_red(case, exact, kind, seen):
    reference = load_reference(case)
    if kind == "steps":
        reference = {**add_steps(reference), "runs": []}
    report = make_perfect_report(reference, exact)
    table = "listed" if kind == "listed" else "base"
    spoil_all(make_walk(reference, Ledger()), make_root(report, reference), seen[table])


@pytest.mark.parametrize("case", ["fused_by_head", "three_runs"])
def test_a_spoilt_rollup_goes_red_beside_the_reports_own_tensors(case, seen):
    reference = load_reference(case)
    report = make_perfect_report(reference)
    for group in list_own_groups(report, reference):
        if group.path == "runs[].model":
            spoil_all(make_own_walk(Ledger()), group, seen["own"])
    assert {("runs[].model.spectral.nss.mean", ""), ("runs[].model.sweep[].k", "")} <= seen["own"]


def list_labels(row):
    """Returns the label of one row, or of several for one field."""
    return [getattr(single, "label", "") for single in (row if isinstance(row, tuple) else (row,))]


@pytest.mark.parametrize("name, table", [("base", TABLE), ("listed", LISTED)])
def test_every_row_was_spoilt(name, table, seen):
    wanted = {
        (path, label)
        for path, row in table.items()
        if not isinstance(row, (Free, Aid))
        for label in list_labels(row)
    }
    assert sorted(wanted - seen[name]) == []


VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def shorten(value):
    """Returns the report with the first and the last entry of each list of more than two."""
    if isinstance(value, dict):
        return {key: shorten(field) for key, field in value.items()}
    if isinstance(value, list):
        return [shorten(entry) for entry in (value if len(value) < 3 else [value[0], value[-1]])]
    return value


@pytest.mark.parametrize("case", [*CASES, *LISTED_CASES])
def test_a_perfect_report_follows_the_schema_and_passes(case):
    reference = load_reference(case)
    for exact in (True, False):
        report = make_perfect_report(reference, exact)
        assert compare(report, reference).failures == []
        VALIDATOR.validate(shorten(report))


def list_fields(schema, path=""):
    """Yields every path of a schema that is not an object or a list itself."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    for choice in schema.get("anyOf", ()):
        yield from list_fields(choice, path)
    for name, field in schema.get("properties", {}).items():
        yield from list_fields(field, f"{path}.{name}" if path else name)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from list_fields(schema["additionalProperties"], f"{path}.*")
        return
    if "items" in schema:
        yield from list_fields(schema["items"], f"{path}[]")
    if not {"properties", "items", "anyOf"} & set(schema) and schema.get("type") != "null":
        yield path


@pytest.mark.parametrize("table", [TABLE, LISTED], ids=["base", "listed"])
def test_every_field_of_the_schema_has_a_row(table):
    def has_row(path):
        parts = path.replace("[]", ".[]").split(".")
        ways = (".".join(parts[:i]).replace(".[]", "[]") for i in range(1, len(parts) + 1))
        rows = [table[way] for way in ways if way in table]
        return any(not isinstance(row, (Aid, Part)) for row in rows)

    assert [path for path in list_fields(SCHEMA) if not has_row(path)] == []


def set_in(parent, path, found):
    """Puts a value at a path of keys and numbers."""
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = found


# One way to break each rule: a path in the object that the rule is of, and a value.
BROKEN = {
    "says_why_not": [(("geometry",), None), (("geometry_note",), None)],
    "resolved_where_apart": [(("resolved",), False)],
    "uncertainties_stated": [(("uncertainty",), -1.0)],
    "vector_uncertainties": [(("vector_rotation_uncertainty", 1), None)],
    "last_of_sweep": [(("sweep",), [])],
    "resolved_elsewhere": [(("nearest_resolved_k",), 4)],
    "nss_where_exact": [(("exact",), False)],
    "known_ends": [(("sin_theta", "chance_left", 0), 0.0)],
    "given_together": [(("chance", "rotation_max"), None)],
    "given_together_at_k": [(("chance", "draws"), 128)],
    "in_descending_order": [(("chance", "angles_left", 0), -1.0)],
    "says_what_is_missing": [(("geometry_note",), None)],
    "error_where_failed": [(("error",), "a word")],
}


@pytest.mark.parametrize(
    "table, path, rule",
    [
        (table, path, rule)
        for table, rules in (("base", RULES), ("listed", LISTED_RULES))
        for path, rules_of_path in rules.items()
        for rule in rules_of_path
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_broken_rule_goes_red(table, path, rule):
    reference = load_reference("tiny" if table == "base" else "listed_patch")
    if rule.__name__ == "says_why_not":
        reference["runs"][0]["tensors"][0]["geometry"] = None
    collect = Collect(make_walk(reference, Ledger()))
    collect.visit(make_root(make_perfect_report(load_reference(TINY[table])), reference))
    place = next(p for p, _ in collect.places if p.path == path and p.got)
    assert rule.__name__ == "says_why_not" or list(rule(place)) == []
    for way, found in BROKEN[rule.__name__]:
        set_in(place.got, way, found)
    assert list(rule(place))


TINY = {"base": "tiny", "listed": "listed_patch"}


def collect_first_places(reference):
    """Returns (report, reference, one place of each path) of a perfect report."""
    report = make_perfect_report(reference)
    collect, places = Collect(make_walk(reference, Ledger())), {}
    collect.visit(make_root(report, reference))
    for place, row in collect.places:
        compared = not getattr(row, "when", None) or row.when(place)
        if compared and place.up is not None and not getattr(row, "label", ""):
            places.setdefault(place.path, (place, row))
    return report, reference, places


def keep_first_entries(reference):
    """Returns a reference with the first entries of its lists only, whose comparisons are short."""
    runs = [{**run, "tensors": run["tensors"][:1]} for run in reference["runs"][:1]]
    if "base" in reference:
        return reference
    runs = [{**run, **rollups(run["tensors"])} for run in runs]
    return {**reference, "runs": runs, "overlaps": reference["overlaps"][:2]}


def test_whole_comparisons_name_what_is_spoilt():
    shown = set()
    for case in ("tiny", "lora_gpt2", "fp8", "grouped_heads", "three_runs", "listed_patch"):
        report, reference, places = collect_first_places(keep_first_entries(load_reference(case)))
        for path in sorted(places.keys() - shown):
            place, row = places[path]
            found, kept = spoil(place, row)[0][0], place.got
            place.up.got[place.key] = found
            failures = compare(report, reference).failures
            place.up.got[place.key] = kept
            # An entry of another name is no longer the one that it was.
            name = "" if path.endswith((".name", ".key")) else Ledger().name_metric(path)
            assert any(name in line for line in failures), (path, found, failures[:3])
        shown |= places.keys()
        assert compare(report, reference).failures == []
    assert len(shown) > 300
