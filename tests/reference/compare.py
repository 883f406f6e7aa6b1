"""Compares a report with a reference: the largest deviation of each metric beside its bar.

The exit code is 0 where every bar is kept, 1 where one is exceeded, and 2 where a file cannot be read.
"""

import argparse
import json
import sys

from definitions import bars, bars_listed
from definitions.files import load
from definitions.ledger import Ledger


def compare(report, reference):
    """The ledger of two loaded reports."""
    ledger = Ledger()
    # Of sparse deltas without their base; any other reference has no such key.
    alone = "base" in reference and reference["base"] is None
    with ledger.fields():
        (bars_listed if alone else bars).report(ledger, report, reference)
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
    print(f"{len(ledger.worst)} metrics compared, {len(ledger.failures)} bars exceeded")
    sys.exit(1 if ledger.failures else 0)


if __name__ == "__main__":
    main()
