"""Bars of a share per row or column: quotients of counts and f64 means, exact but for the report's digits."""

from .bars_spectral import ROUNDING


def profile(ledger, name, got, want):
    """Length, groups and range; null only beside null."""
    if got is None or want is None:
        return ledger.equal(name, got, want)
    for part in ("length", "min", "median", "max"):
        ledger.near(f"{name}.{part}", got[part], want[part], ROUNDING)
    ledger.equal(f"{name} groups", len(got["values"]), len(want["values"]))
    for g, w in zip(got["values"], want["values"]):
        ledger.near(f"{name}.values", g, w, ROUNDING)
