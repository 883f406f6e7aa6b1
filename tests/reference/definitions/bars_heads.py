"""Bars of attention heads, whose blocks are decomposed in full in f64 on every route.

A singular value from an SVD errs by about 2^-53 s_1 times the side, one from a Gram matrix by the square root of that where it
is close to 0; NSS is asked for to 1e-6 of itself or 1e-11. Angles have the uncertainty that the product states for exact
matrices, 5e-6 degrees + rotation (1e-6 + 1e-9 / gap), and what the same rounding turns an unmoved subspace by, 1e-12
degrees over the gap. The gap is the smaller one of base and tuned.
"""

from . import bars_chance
from .bars_spectral import ABSOLUTE_NSS, ROUNDING

NSS, ANGLE = 1e-6, 5e-6


def heads(ledger, got, want, rounded):
    """Of one tensor's report; null only beside null. `rounded` is what W1 in float32 would give, or `want`."""
    g, w, r = got["heads"], want["heads"], rounded["heads"]
    ledger.equal("heads defined", g is not None, w is not None)
    if g is None or w is None:
        return
    for name in ("axis", "count", "size", "k", "labels"):
        ledger.equal(f"heads.{name}", g[name], w[name])
    lists = ("density", "gap", "nss", "rotation")
    ledger.equal("heads lengths", [len(g[name]) for name in lists], [w["count"]] * len(lists))
    for a, b in zip(g["density"], w["density"]):
        ledger.near("heads.density", a, b, ROUNDING)
    for a, b, left in zip(g["nss"], w["nss"], r["nss"]):
        ledger.near("heads.nss", a, b, NSS, 0 if b == 0 else ABSOLUTE_NSS, left)
    for a, b, left, *gaps in zip(
        g["rotation"], w["rotation"], r["rotation"], w["gap"], w["gap_tuned"]
    ):
        gap = max(min(gaps), 1e-15)
        ledger.near(
            "heads.rotation", a, b, 1e-6 + 1e-9 / gap, 0 if b == 0 else ANGLE + 1e-12 / gap, left
        )
    for a, b in zip(g["gap"], w["gap"]):
        ledger.near("heads.gap", a, b, 0, 1e-8)
    bars_chance.heads(ledger, g, w)
