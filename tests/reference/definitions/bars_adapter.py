"""Bars of LoRA adapters, whose own figures are f64 on every route.

Counts are equal: sums of r products in f64 err by r 2^-53, and in the fixtures no weight is so near to 0, or to the middle of
two numbers that it may be rounded to, that this would decide (test_adapter.py). Quotients of counts and of f64 sums, s,
norms and singular values of Delta err by the rounding of the report's digits; a value far below the first one by 2^-53 of the
first, times the sides of the matrix: 1e-12 for 10^4. `merge_error` is of a difference, so it errs by 2^-53 of what is
subtracted: 1e-15.

A share p of A or B in a principal subspace errs as along the spectrum of W0 (bars_spectrum.py): by 2 t sqrt(p) + t^2 where the
subspace errs by t as a sine, and by the bar of norms, as singular vectors are float32.

The geometry is of W0 + Delta, which a product may round to float32 first: by 2^-25 of a weight, a root mean square, which is
2^-25 / rho of an update of relative size rho. What that does to a figure the reference works out by rounding itself
(`rounded`), and whatever it is, the bar is wider by. Shares may be of the norm of Delta as it is or as it is after that.
"""

import math

from .bars_spectral import ROUNDING
from .bars_spectrum import NORMS, subspace_error

VALUES, MERGE = 1e-12, 1e-15
COUNTS = ("rank", "touched")
SHARES = ("off_principal_share", "off_principal_left", "off_principal_right")
QUOTIENTS = ("scale", "survives", "realized", "merge_error", "a_chance", "b_chance")
SIZES = (
    "frobenius_update",
    "spectral_norm",
    "stable_rank",
    "share_top_k",
    "entropy_rank",
    "rank_share",
)


def update(ledger, got, want):
    """Of Delta: all of its r values, and what follows from them."""
    for name in SIZES:
        # A quotient of squares doubles the error.
        ledger.near(f"adapter.{name}", got[name], want[name], 2 * ROUNDING)
    # The norm of W0 is a sum in f32 on a device that has no f64.
    ledger.near("adapter.relative_update", got["relative_update"], want["relative_update"], NORMS)
    ledger.equal("adapter.spectrum length", len(got["spectrum"]), len(want["spectrum"]))
    for g, w in zip(got["spectrum"], want["spectrum"]):
        ledger.near("adapter.spectrum", g, w, ROUNDING, VALUES * want["spectrum"][0])


def principal(ledger, got, want, geometry, true):
    """Shares of both factors in the principal subspaces."""
    error = (
        subspace_error(true["spectrum_base"], true["k"], geometry["exact"])
        if geometry and true
        else 0.0
    )
    for name in ("a_principal", "b_principal"):
        p = want[name] or 0.0
        ledger.near(
            f"adapter.{name}",
            got[name],
            want[name],
            0,
            2 * error * math.sqrt(p) + error**2 + NORMS * p,
        )


def adapter(ledger, got, want):
    """Of one tensor's report; null only beside null."""
    g, w = got["adapter"], want["adapter"]
    ledger.equal("adapter defined", g is not None, w is not None)
    if g is None or w is None:
        return
    for name in COUNTS:
        ledger.equal(f"adapter.{name}", g[name], w[name])
    for name in QUOTIENTS:
        ledger.near(f"adapter.{name}", g[name], w[name], ROUNDING, MERGE)
    principal(ledger, g, w, got["geometry"], want["geometry"])
    update(ledger, got["update"], want["update"])


def farther(want, rounded, ratio, outside):
    """A share of the rounded Delta over either norm, whichever is farther from the truth; it is `outside` less what is inside."""
    return (
        want
        if want is None
        else max(rounded, outside + (rounded - outside) * ratio, key=lambda v: abs(v - want))
    )


def shares(want, rounded, ratio):
    """The off-principal shares at one rank."""
    return {**rounded, **{name: farther(want[name], rounded[name], ratio, 1) for name in SHARES}}


def blocks(want, rounded, ratio):
    """Shares of one block or of several, lists as they are."""
    if isinstance(want, list):
        return [blocks(w, r, ratio) for w, r in zip(want, rounded)]
    return farther(want, rounded, ratio, 0)


def rounded(want):
    """The reference's tensor with what W1 in float32 would give; itself where it is no adapter's."""
    left, update, true = want["rounded"], want["update"], want["geometry"]
    if left is None:
        return want
    out = {
        **want,
        "heads": left["heads"],
        "update": {**update, "max_abs_update": left["max_abs_update"]},
    }
    if true and true["along_spectrum"]:
        ratio, held = (left["frobenius_update"] / update["frobenius_update"]) ** 2, left["geometry"]
        along = (true["along_spectrum"], held["along_spectrum"])
        parts = {
            name: blocks(*(a[name] for a in along), ratio) for name in ("core", "left", "right")
        }
        out["geometry"] = {
            **shares(true, held, ratio),
            "along_spectrum": parts,
            "sweep": [shares(w, r, ratio) for w, r in zip(true["sweep"], held["sweep"])],
        }
    return out
