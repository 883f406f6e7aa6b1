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
from definitions.rollup import list_groups, rollup
from tolerances import LISTED, LISTED_RULES, RULES, TABLE
from tolerances.rollup import OWN_SUM, make_true_and_rounded
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


def name_metric(path):
    """Returns a path as people read it: without what is around every tensor, group or list."""
    for prefix, short in PREFIXES:
        path = prefix.sub(short, path)
    return path.replace("[]", "")


class Ledger:
    """Collects the largest deviation of each metric as a share of its tolerance, and all failures.

    A share of 1 is the tolerance.
    """

    def __init__(self):
        self.worst, self.failures, self.metrics = {}, [], {}

    def name_metric(self, path, label=""):
        """Returns the metric of a path, which it works out once."""
        key = path + label
        if key not in self.metrics:
            self.metrics[key] = name_metric(path) + label
        return self.metrics[key]

    def add(self, metric, place, deviation, allowed):
        """Adds a deviation beside what is allowed. It is written so that NaN fails."""
        if deviation == 0:
            ratio = 0.0
        else:
            ratio = deviation / allowed if allowed > 0 else math.inf
        if not ratio <= self.worst.get(metric, (-1.0,))[0]:
            self.worst[metric] = (ratio, deviation, place.where())
        if not ratio <= 1.0:
            self.failures.append(
                f"{place.where()}: {metric} deviates by {deviation:.3g}, allowed {allowed:.3g} "
                f"(got {format_value(place.got)}, want {format_value(place.want)})"
            )

    def fail(self, metric, place, text):
        """Records a failure that has no size: a missing figure, a wrong word."""
        self.worst[metric] = (math.inf, math.inf, place.where())
        self.failures.append(f"{place.where()}: {metric}: {text}")

    def format_table(self):
        """Returns one line for each metric, worst first: share of the tolerance, deviation,
        place."""
        rows = sorted(self.worst.items(), key=lambda item: -item[1][0])
        width = max((len(name) for name in self.worst), default=0)
        head = f"{'metric':{width}}  {'of its tolerance':>16}  {'deviation':>10}  where"
        lines = [f"{name:{width}}  {r:16.3g}  {d:10.3g}  {w}" for name, (r, d, w) in rows]
        return "\n".join([head, *lines])


def format_value(found):
    """Returns a value as it stands in a line."""
    return f"{found:.9g}" if isinstance(found, float) else str(found)[:200]


def is_number(found):
    """Says whether a value is a number in JSON."""
    return isinstance(found, (int, float)) and not isinstance(found, bool)


def collect_keys(table):
    """Maps the path of each object to the fields that a report must have there."""
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


# A rule may raise these where a report does not hold what the rule reads.
BAD = (Unstated, TypeError, ValueError, ArithmeticError, AttributeError, LookupError)
KEYS = {id(table): collect_keys(table) for table in (TABLE, LISTED)}


class Walk:
    """Walks a report beside a reference by a table of rows.

    `default` gives the row of a place that the table does not name. `metric` is the one name under
    which everything counts, else each path has its own.
    """

    def __init__(self, ledger, table, rules=None, default=None, metric=None):
        self.ledger, self.table, self.rules = ledger, table, rules or {}
        self.default, self.metric, self.keys = default, metric, KEYS.get(id(table), {})

    def name_metric(self, path, label=""):
        """Returns the metric of a path."""
        return self.metric or self.ledger.name_metric(path, label)

    def fail(self, metric, place, text):
        """Records a failure, with its path where the metric does not say it."""
        self.ledger.fail(metric, place, f"{place.path}: {text}" if self.metric else text)

    def visit(self, place):
        """Judges a place and all that it holds."""
        row = self.table.get(place.path, self.default and self.default(place))
        if isinstance(row, (Free, Aid)):
            return
        for single in row if isinstance(row, tuple) else (row,):
            self.visit_row(place, single)

    def visit_row(self, place, row):
        """Judges a place by one row; what the row needs and does not find is a failure, too."""
        metric = self.name_metric(place.path, getattr(row, "label", "")) if place.path else "report"
        try:
            self.judge(place, row, metric)
        except KeyError as lacking:
            self.fail(metric, place, f"{lacking.args[0]}, which it needs, is missing")
        except BAD as error:
            self.fail(metric, place, f"cannot be compared: {error}")

    def judge(self, place, row, metric):
        """Judges a place by one row, whose kind decides how."""
        if getattr(row, "when", None) and not row.when(place):
            return
        if row is None or isinstance(row, Part):
            self.judge_part(place, row or Part(), metric)
        elif isinstance(row, Same):
            extract = row.extract or (lambda value: value)
            self.judge_equal(metric, place, extract(place.got), extract(place.want))
        elif isinstance(row, Constant):
            self.judge_equal(metric, place, place.got, row.value)
        elif isinstance(row, Cells):
            self.judge_cells(place, row, metric)
        else:
            self.judge_number(place, row.allowed(place), metric)

    def judge_equal(self, metric, place, got, want):
        """Fails unless both values are the same; true is not 1."""
        if got == want and isinstance(got, bool) == isinstance(want, bool):
            self.ledger.add(metric, place, 0.0, 1.0)
        else:
            self.fail(metric, place, f"{format_value(got)} instead of {format_value(want)}")

    def judge_number(self, place, allowed, metric):
        """Fails unless the number deviates by no more than is allowed on its side; null may be
        right."""
        got = place.got
        if got is None or not is_number(got):
            if got is None and allowed.null:
                self.ledger.add(metric, place, 0.0, 1.0)
            else:
                self.fail(
                    metric, place, f"{format_value(got)} instead of {format_value(allowed.true)}"
                )
        elif not allowed.number:
            self.fail(metric, place, f"{format_value(got)} instead of None")
        else:
            size = allowed.above if got > allowed.true else allowed.below
            self.ledger.add(metric, place, abs(got - allowed.true), size)

    def judge_cells(self, place, row, metric):
        """Fails unless a map has as many bytes as the reference's, each between its ends."""
        if place.want is None or place.got is None:
            return self.judge_equal(metric, place, place.got, place.want)
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

    def judge_part(self, place, part, metric):
        """Judges a list or an object, which must hold what the reference's does."""
        got, want = place.got, place.want
        if part.optional and want is MISSING:
            return self.judge_equal(metric, place, got, None)
        for rule in self.rules.get(place.path, ()):
            if isinstance(got, dict):
                self.judge_rule(rule, place, metric)
        if isinstance(got, dict) and isinstance(want, dict):
            self.visit_fields(place, part)
        elif isinstance(got, list) and (isinstance(want, list) or part.lengths):
            self.visit_entries(place, part, metric)
        elif got is None and want is None:
            self.ledger.add(metric, place, 0.0, 1.0)
        elif (isinstance(got, (dict, list)) and isinstance(want, type(got))) or want is not MISSING:
            type_names = {dict: "an object", list: "a list"}
            self.fail(
                metric,
                place,
                f"{type_names.get(type(got), format_value(got))} instead of "
                f"{type_names.get(type(want), format_value(want))}",
            )
        else:
            self.fail(metric, place, "has no row in the table of tolerances")

    def judge_rule(self, rule, place, metric):
        """Judges what must hold among the fields of an object."""
        try:
            for text in rule(place):
                self.fail(metric, place, text)
        except KeyError as lacking:
            self.fail(metric, place, f"{lacking.args[0]} is missing: {rule.__name__}")
        except BAD as error:
            self.fail(metric, place, f"{rule.__name__}: {error}")

    def visit_fields(self, place, part):
        """Visits every field that either side has or the table asks for."""
        expected = dict.fromkeys(sorted(self.keys.get(place.path, ())))
        for key in {**place.want, **place.got, **expected}:
            child = place.child(key, part.any_key)
            row = self.table.get(child.path)
            if isinstance(row, Aid):
                continue
            if child.got is MISSING and isinstance(row, Free) and row.optional:
                continue
            if child.got is MISSING:
                self.fail(self.name_metric(child.path), child, "missing")
            elif child.want is MISSING and part.any_key:
                self.fail(self.name_metric(child.path), child, f"{key} is not expected")
            else:
                self.visit(child)

    def visit_entries(self, place, part, metric):
        """Visits every entry of a list, matched by place or by a field."""
        got, want = place.got, place.want
        if part.key:
            return self.visit_keyed(place, part, metric)
        least, most = part.lengths(place) if part.lengths else (len(want), len(want))
        if not least <= len(got) <= most:
            self.fail(metric, place, f"{len(got)} entries instead of {least} to {most}")
        for i in range(min(len(got), most)):
            self.visit(place.child(i))

    def visit_keyed(self, place, part, metric):
        """Visits entries that have a name of their own, which people read in place of a number."""
        names = [[entry.get(part.key) for entry in side] for side in (place.got, place.want)]
        compared = names if part.ordered else [sorted(map(str, side)) for side in names]
        self.judge_equal(f"{metric} {part.key}s", place, *compared)
        rounded = place.rounded if isinstance(place.rounded, list) else place.want
        for want, true in zip(place.want, rounded, strict=True):
            name = want.get(part.key)
            if name in names[0]:
                i = names[0].index(name)
                self.visit(Place(f"{place.path}[]", i, place.got[i], want, true, place))


def index_tensors(report, run):
    """Maps names to the tensors of one run of a report, as far as there are any."""
    runs = report.get("runs")
    entry = runs[run] if isinstance(runs, list) and run < len(runs) else None
    tensors = entry.get("tensors") if isinstance(entry, dict) else None
    named = tensors if isinstance(tensors, list) else []
    return {t["name"]: t for t in named if isinstance(t, dict) and "name" in t}


def add_groups(report, reference):
    """Returns the reference with rollups of its tensors as the report counts them, and the same as
    W1 in float32 gives."""
    sides = {**reference, "runs": []}, {**reference, "runs": []}
    for i, want in enumerate(reference["runs"]):
        found = index_tensors(report, i)
        tensors = want["tensors"], [round_tensor(t) for t in want["tensors"]]
        runs = [{**want, "tensors": t, "layers": [], "modules": []} for t in tensors]
        for kind, key, members in list_groups(want["tensors"]):
            for run, group in zip(runs, make_true_and_rounded(key, members, found), strict=True):
                if kind == "model":
                    run["model"] = group
                else:
                    run[kind].append(group)
        for side, run in zip(sides, runs, strict=True):
            side["runs"].append(run)
    return sides


def choose_own_row(place):
    """Returns the row of a rollup's field: a number is a sum or a quotient of rounded ones, all
    else is the same."""
    if isinstance(place.want, float):
        return OWN_SUM
    return None if isinstance(place.want, (dict, list)) else SAME


def list_own_groups(report, reference):
    """Yields the place of each rollup of a report beside one of the report's own tensors."""
    root = Place("", None, report, reference, reference)
    for i, (got, want) in enumerate(zip(report["runs"], reference["runs"], strict=False)):
        run = root.child("runs").child(i)
        by_name = {t["name"]: t for t in got["tensors"]}
        for kind, key, members in list_groups(want["tensors"]):
            path = "runs[].model" if kind == "model" else f"runs[].{kind}[]"
            true = rollup(key, [by_name[t["name"]] for t in members if t["name"] in by_name])
            for group in [got["model"]] if kind == "model" else got[kind]:
                if group["key"] == key:
                    yield Place(path, key, group, true, true, run)


def make_walk(reference, ledger):
    """Returns the walk by the table that is for this reference."""
    # A reference of sparse deltas without their base says so; any other has no such key.
    if "base" in reference and reference["base"] is None:
        return Walk(ledger, LISTED, LISTED_RULES)
    return Walk(ledger, TABLE, RULES)


def make_own_walk(ledger):
    """Returns the walk of a rollup beside the report's own tensors."""
    return Walk(ledger, {}, default=choose_own_row, metric="rollup of own tensors")


def make_root(report, reference):
    """Returns the place of the whole report."""
    sides = (reference, reference) if "base" in reference else add_groups(report, reference)
    return Place("", None, report, *sides)


def compare(report, reference):
    """Returns the ledger of two loaded reports."""
    ledger = Ledger()
    try:
        make_walk(reference, ledger).visit(make_root(report, reference))
        for group in list_own_groups(report, reference) if "base" not in reference else ():
            make_own_walk(ledger).visit(group)
    except BAD as error:
        # The walk has named a field that is missing, where the report has a place for it.
        ledger.fail("rollup", Place("", None, None, None, None), f"cannot be compared: {error!r}")
    return ledger


def read(path):
    """Reads a report or reference; says what is wrong with a file that is neither."""
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
    print(ledger.format_table())
    for line in ledger.failures:
        print("FAIL", line)
    print(f"{len(ledger.worst)} metrics compared, {len(ledger.failures)} tolerances exceeded")
    sys.exit(1 if ledger.failures else 0)


if __name__ == "__main__":
    main()
