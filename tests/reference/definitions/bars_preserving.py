"""Bars of changes that preserve the function, which are f64 on every route.

`update_before` and `update_after` are norms of differences of stored values, so they err by the rounding of the report's digits
and by 2^-53 of what is subtracted; R is known to some 2^-53 (sigma_1 / sigma_d)^2 for a head of d rows, which moves `update_after`,
being least there, only in the second order. An angle moves as much as R. `kind` and the permutation follow from figures
that are far from the steps between them in the fixtures.
"""

from .bars_spectral import ROUNDING

REST, ANGLE = 1e-12, 1e-9
WORDS = ("partner", "kind", "permutation")


def function_preserving(ledger, got, want):
    """Of one tensor's report; null only beside null."""
    g, w = got["function_preserving"], want["function_preserving"]
    ledger.equal("function_preserving defined", g is not None, w is not None)
    if g is None or w is None:
        return
    for name in WORDS:
        ledger.equal(f"function_preserving.{name}", g[name], w[name])
    for name in ("update_before", "update_after", "chance"):
        ledger.near(f"function_preserving.{name}", g[name], w[name], ROUNDING, REST)
    ledger.near(
        "function_preserving.rotation_max", g["rotation_max"], w["rotation_max"], ROUNDING, ANGLE
    )
