"""Compares a report with a reference: the largest deviation of each figure beside its tolerance.

The exit code is 0 where every tolerance is kept, 1 where one is exceeded, and 2 where a file cannot
be read.
"""

import argparse
import base64
import binascii
import json
import math
import re
import sys

from definitions.files import load
from definitions.rollup import groups, rollup
from tolerances import LISTED, LISTED_RULES, RULES, TABLE
from tolerances.rollup import OWN_SUM, true_and_rounded
from tolerances.rounding import round_tensor
from tolerances.rows import (
    MISSING,
    SAME,
    Aid,
    Cells,
    Constant,
    Free,
    Part,
    Place,
    Same,
    Unstated,
)

PREFIXES = [
    (re.compile(r"^runs\[\]\.(tensors\[\]\.)?(?!layers|modules|model)"), ""),
    (re.compile(r"^runs\[\]\.(layers\[\]|modules\[\]|model)"), "rollup"),
]


def metric_of(path):
    """A path as people read it: without what is around every tensor, group or list."""
    for prefix, short in PREFIXES:
        path = prefix.sub(short, path)
    return path.replace("[]", "")


class Ledger:
    """Collects the largest deviation of each metric as a share of its tolerance, and all failures.

    A share of 1 is the tolerance.
    """

    def __init__(self):
        self.worst, self.failures, self.metrics = {}, [], {}

    def name(self, path, label=""):
        """The metric of a path, worked out once."""
        key = path + label
        if key not in self.metrics:
            self.metrics[key] = metric_of(path) + label
        return self.metrics[key]

    def add(self, metric, place, deviation, allowed):
        """A deviation beside what is allowed. Written so that NaN fails."""
        if deviation == 0:
            ratio = 0.0
        else:
            ratio = deviation / allowed if allowed > 0 else math.inf
        if not ratio <= self.worst.get(metric, (-1.0,))[0]:
            self.worst[metric] = (ratio, deviation, place.where())
        if not ratio <= 1.0:
            self.failures.append(
                f"{place.where()}: {metric} deviates by {deviation:.3g}, allowed {allowed:.3g} "
                f"(got {shown(place.got)}, want {shown(place.want)})"
            )

    def fail(self, metric, place, text):
        """Something that has no size: a missing figure, a wrong word."""
        self.worst[metric] = (math.inf, math.inf, place.where())
        self.failures.append(f"{place.where()}: {metric}: {text}")

    def table(self):
        """One line a metric, worst first: share of the tolerance, deviation, and where it was."""
        rows = sorted(self.worst.items(), key=lambda item: -item[1][0])
        width = max((len(name) for name in self.worst), default=0)
        head = f"{'metric':{width}}  {'of its tolerance':>16}  {'deviation':>10}  where"
        lines = [f"{name:{width}}  {r:16.3g}  {d:10.3g}  {w}" for name, (r, d, w) in rows]
        return "\n".join([head, *lines])


def shown(found):
    """A value in a line."""
    return f"{found:.9g}" if isinstance(found, float) else str(found)[:200]


def is_number(found):
    """Whether it is one in JSON."""
    return isinstance(found, (int, float)) and not isinstance(found, bool)


def keys_below(table):
    """For the path of each object: the fields that a report must have there."""
    found = {}
    for path, row in table.items():
        *way, last = path.split(".")
        above = ".".join(way)
        if not isinstance(row, Aid):
            found.setdefault(above, set()).add(last)
        while way:
            *way, key = way
            found.setdefault(".".join(way), set()).add(key)
    return {path: {key.replace("[]", "") for key in keys} - {"*"} for path, keys in found.items()}


# What a rule may raise where a report does not hold what the rule reads.
BAD = (Unstated, TypeError, ValueError, ArithmeticError, AttributeError, LookupError)
KEYS = {id(table): keys_below(table) for table in (TABLE, LISTED)}


class Walk:
    """Walks a report beside a reference by a table of rows.

    `default` gives the row of a place that the table does not name. `metric` is the one name under
    which everything counts, else each path has its own.
    """

    def __init__(self, ledger, table, rules=None, default=None, metric=None):
        self.ledger, self.table, self.rules = ledger, table, rules or {}
        self.default, self.metric, self.keys = default, metric, KEYS.get(id(table), {})

    def name(self, path, label=""):
        """The metric of a path."""
        return self.metric or self.ledger.name(path, label)

    def fail(self, metric, place, text):
        """A failure, with its path where the metric does not say it."""
        self.ledger.fail(metric, place, f"{place.path}: {text}" if self.metric else text)

    def visit(self, place):
        """Judges a place and all that it holds."""
        row = self.table.get(place.path, self.default and self.default(place))
        if isinstance(row, (Free, Aid)):
            return
        for one in row if isinstance(row, tuple) else (row,):
            self.visit_row(place, one)

    def visit_row(self, place, row):
        """Judges a place by one row; what the row needs and does not find is a failure, too."""
        metric = self.name(place.path, getattr(row, "label", "")) if place.path else "report"
        try:
            self.judge(place, row, metric)
        except KeyError as lacking:
            self.fail(metric, place, f"{lacking.args[0]}, which it needs, is missing")
        except BAD as error:
            self.fail(metric, place, f"cannot be compared: {error}")

    def judge(self, place, row, metric):
        """By one row."""
        if getattr(row, "when", None) and not row.when(place):
            return
        if row is None or isinstance(row, Part):
            self.part(place, row or Part(), metric)
        elif isinstance(row, Same):
            of = row.of or (lambda held: held)
            self.equal(metric, place, of(place.got), of(place.want))
        elif isinstance(row, Constant):
            self.equal(metric, place, place.got, row.value)
        elif isinstance(row, Cells):
            self.cells(place, row, metric)
        else:
            self.number(place, row.allowed(place), metric)

    def equal(self, metric, place, got, want):
        """Must be the same; true is not 1."""
        if got == want and isinstance(got, bool) == isinstance(want, bool):
            self.ledger.add(metric, place, 0.0, 1.0)
        else:
            self.fail(metric, place, f"{shown(got)} instead of {shown(want)}")

    def number(self, place, allowed, metric):
        """A number that deviates by no more than is allowed on its side, or null."""
        got = place.got
        if got is None or not is_number(got):
            if got is None and allowed.null:
                self.ledger.add(metric, place, 0.0, 1.0)
            else:
                self.fail(metric, place, f"{shown(got)} instead of {shown(allowed.true)}")
        elif not allowed.number:
            self.fail(metric, place, f"{shown(got)} instead of None")
        else:
            size = allowed.above if got > allowed.true else allowed.below
            self.ledger.add(metric, place, abs(got - allowed.true), size)

    def cells(self, place, row, metric):
        """A map of as many bytes as the reference's, each between its ends."""
        if place.want is None or place.got is None:
            return self.equal(metric, place, place.got, place.want)
        try:
            found = base64.b64decode(place.got, validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            return self.fail(metric, place, f"is not base64: {error}")
        count = len(base64.b64decode(place.want))
        if len(found) != count:
            return self.fail(metric, place, f"{len(found)} cells instead of {count}")
        ends = row.allowed(place)
        for g, low, high, slack in zip(found, *ends, strict=True) if ends else ():
            self.ledger.add(metric, place, max(low - g, g - high, 0), slack)

    def part(self, place, part, metric):
        """A list or an object, which holds what the reference's does."""
        got, want = place.got, place.want
        if part.optional and want is MISSING:
            return self.equal(metric, place, got, None)
        for rule in self.rules.get(place.path, ()):
            if isinstance(got, dict):
                self.obey(rule, place, metric)
        if isinstance(got, dict) and isinstance(want, dict):
            self.fields(place, part)
        elif isinstance(got, list) and (isinstance(want, list) or part.lengths):
            self.entries(place, part, metric)
        elif got is None and want is None:
            self.ledger.add(metric, place, 0.0, 1.0)
        elif (isinstance(got, (dict, list)) and isinstance(want, type(got))) or want is not MISSING:
            words = {dict: "an object", list: "a list"}
            self.fail(
                metric,
                place,
                f"{words.get(type(got), shown(got))} instead of "
                f"{words.get(type(want), shown(want))}",
            )
        else:
            self.fail(metric, place, "has no row in the table of tolerances")

    def obey(self, rule, place, metric):
        """What must hold among the fields of an object."""
        try:
            for text in rule(place):
                self.fail(metric, place, text)
        except KeyError as lacking:
            self.fail(metric, place, f"{lacking.args[0]} is missing: {rule.__name__}")
        except BAD as error:
            self.fail(metric, place, f"{rule.__name__}: {error}")

    def fields(self, place, part):
        """Every field of either side."""
        expected = dict.fromkeys(sorted(self.keys.get(place.path, ())))
        for key in {**place.want, **place.got, **expected}:
            child = place.child(key, part.any_key)
            if isinstance(self.table.get(child.path), Aid):
                continue
            if child.got is MISSING:
                self.fail(self.name(child.path), child, "missing")
            elif child.want is MISSING and part.any_key:
                self.fail(self.name(child.path), child, f"{key} is not expected")
            else:
                self.visit(child)

    def entries(self, place, part, metric):
        """Every entry of a list, matched by place or by a field."""
        got, want = place.got, place.want
        if part.key:
            return self.keyed(place, part, metric)
        least, most = part.lengths(place) if part.lengths else (len(want), len(want))
        if not least <= len(got) <= most:
            self.fail(metric, place, f"{len(got)} entries instead of {least} to {most}")
        for i in range(min(len(got), most)):
            self.visit(place.child(i))

    def keyed(self, place, part, metric):
        """Entries that have a name of their own, which people read in place of a number."""
        sides = [[held.get(part.key) for held in side] for side in (place.got, place.want)]
        compared = sides if part.ordered else [sorted(map(str, names)) for names in sides]
        self.equal(f"{metric} {part.key}s", place, *compared)
        rounded = place.rounded if isinstance(place.rounded, list) else place.want
        for held, true in zip(place.want, rounded, strict=True):
            name = held.get(part.key)
            if name in sides[0]:
                i = sides[0].index(name)
                self.visit(Place(f"{place.path}[]", i, place.got[i], held, true, place))


def tensors_of(report, run):
    """Name to tensor of one run of a report, as far as there are any."""
    runs = report.get("runs")
    held = runs[run] if isinstance(runs, list) and run < len(runs) else None
    tensors = held.get("tensors") if isinstance(held, dict) else None
    named = tensors if isinstance(tensors, list) else []
    return {t["name"]: t for t in named if isinstance(t, dict) and "name" in t}


def with_groups(report, reference):
    """The reference with rollups of its tensors as the report counts them, and the same as W1 in
    float32 gives."""
    sides = {**reference, "runs": []}, {**reference, "runs": []}
    for i, want in enumerate(reference["runs"]):
        found = tensors_of(report, i)
        tensors = want["tensors"], [round_tensor(t) for t in want["tensors"]]
        runs = [{**want, "tensors": t, "layers": [], "modules": []} for t in tensors]
        for kind, key, members in groups(want["tensors"]):
            for run, of_group in zip(runs, true_and_rounded(key, members, found), strict=True):
                if kind == "model":
                    run["model"] = of_group
                else:
                    run[kind].append(of_group)
        for side, run in zip(sides, runs, strict=True):
            side["runs"].append(run)
    return sides


def own_row(place):
    """A number is a sum or a quotient of rounded ones; all else is the same."""
    if isinstance(place.want, float):
        return OWN_SUM
    return None if isinstance(place.want, (dict, list)) else SAME


def own_groups(report, reference):
    """The place of each rollup of a report beside one of the report's own tensors."""
    root = Place("", None, report, reference, reference)
    for i, (got, want) in enumerate(zip(report["runs"], reference["runs"], strict=False)):
        run = root.child("runs").child(i)
        by_name = {t["name"]: t for t in got["tensors"]}
        for kind, key, members in groups(want["tensors"]):
            path = "runs[].model" if kind == "model" else f"runs[].{kind}[]"
            true = rollup(key, [by_name[t["name"]] for t in members if t["name"] in by_name])
            for group in [got["model"]] if kind == "model" else got[kind]:
                if group["key"] == key:
                    yield Place(path, key, group, true, true, run)


def walk_of(reference, ledger):
    """The walk by the table that is for this reference."""
    # A reference of sparse deltas without their base says so; any other has no such key.
    if "base" in reference and reference["base"] is None:
        return Walk(ledger, LISTED, LISTED_RULES)
    return Walk(ledger, TABLE, RULES)


def own_walk(ledger):
    """The walk of a rollup beside the report's own tensors."""
    return Walk(ledger, {}, default=own_row, metric="rollup of own tensors")


def root_of(report, reference):
    """The place of the whole report."""
    sides = (reference, reference) if "base" in reference else with_groups(report, reference)
    return Place("", None, report, *sides)


def compare(report, reference):
    """The ledger of two loaded reports."""
    ledger = Ledger()
    try:
        walk_of(reference, ledger).visit(root_of(report, reference))
        for group in own_groups(report, reference) if "base" not in reference else ():
            own_walk(ledger).visit(group)
    except BAD as error:
        # The walk has named a field that is missing, where the report has a place for it.
        ledger.fail("rollup", Place("", None, None, None, None), f"cannot be compared: {error!r}")
    return ledger


def read(path):
    """A report or reference; says what is wrong with a file that is neither."""
    try:
        found = load(path)
    except (OSError, EOFError, UnicodeDecodeError, json.JSONDecodeError) as error:
        print(f"error: {path} cannot be read: {error}", file=sys.stderr)
        sys.exit(2)
    if not isinstance(found, dict) or "runs" not in found:
        print(f"error: {path} is neither a report nor a reference: it has no runs", file=sys.stderr)
        sys.exit(2)
    return found


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("report", help="JSON that Gatescope wrote")
    parser.add_argument(
        "reference", help="JSON that reference.py wrote, of the same files and settings"
    )
    a = parser.parse_args(argv)
    ledger = compare(read(a.report), read(a.reference))
    print(ledger.table())
    for line in ledger.failures:
        print("FAIL", line)
    print(f"{len(ledger.worst)} metrics compared, {len(ledger.failures)} tolerances exceeded")
    sys.exit(1 if ledger.failures else 0)


if __name__ == "__main__":
    main()
