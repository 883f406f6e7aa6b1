"""Stored dtypes and FP8 codes: names and counts, which are equal."""

REQUIRED = True

FIELDS = ("dtype_base", "dtype_tuned", "quantized")


def formats(ledger, got, want):
    """Of one tensor's report."""
    for name in FIELDS:
        if name in got or REQUIRED:
            ledger.equal(name, got.get(name), want[name])
