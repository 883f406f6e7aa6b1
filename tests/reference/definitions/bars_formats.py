"""Stored dtypes and FP8 codes: names and counts, which are equal."""

FIELDS = ("dtype_base", "dtype_tuned", "quantized")


def formats(ledger, got, want):
    """Of one tensor's report."""
    for name in FIELDS:
        ledger.equal(name, got[name], want[name])
