"""Bars of the Fisher-weighted figures.

All sums are of terms >= 0, so nothing cancels: an f64 sum of N terms errs by N * 2^-53 relatively, and updates and
products taken in f32 put 4e-7 on it, as F * D * D has three roundings of 6e-8, one of them (that of D) counted twice.
Quotients of two such sums get twice the bar. The density is a quotient of counts.
"""

from .bars_spectral import ROUNDING

SUM = 1e-6
BARS = {
    "kl_quadratic": SUM,
    "kl_share": 2 * SUM,
    "weighted_norm": SUM,
    "mass": SUM,
    "mass_on_changed": 2 * SUM,
    "chance": ROUNDING,
}


def fisher(ledger, got, want):
    """Of one tensor's report; null only beside null."""
    g, w = got["fisher"], want["fisher"]
    ledger.equal("fisher defined", g is not None, w is not None)
    if g is not None and w is not None:
        for name, bar in BARS.items():
            ledger.near(f"fisher.{name}", g[name], w[name], bar)
