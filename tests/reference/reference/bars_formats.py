"""Stored dtypes and FP8 codes: names and counts, which are equal."""

# Set to True when the product compares sides of different dtypes and FP8: until then test_report.py passes over the fixtures
# that consist of these.
REQUIRED = False

FIELDS = ("dtype_base", "dtype_tuned", "quantized")


def formats(ledger, got, want):
    """Of one tensor's report."""
    for name in FIELDS:
        if name in got or REQUIRED:
            ledger.equal(name, got.get(name), want[name])
