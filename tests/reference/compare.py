"""Compares a report with a reference: the largest deviation of each metric, and exit code 1 when a bar is exceeded.

    python compare.py report.json ref.json
"""
import sys

from reference import bars
from reference.files import load
from reference.ledger import Ledger


def compare(report, reference):
    """The ledger of two loaded reports."""
    ledger = Ledger()
    bars.report(ledger, report, reference)
    return ledger


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    ledger = compare(load(sys.argv[1]), load(sys.argv[2]))
    print(ledger.table())
    for line in ledger.failures:
        print("FAIL", line)
    sys.exit(1 if ledger.failures else 0)


if __name__ == "__main__":
    main()
