"""Bars of what lies along the spectrum of W0, and of chance levels.

**Shares of a block** of directions. A block's projector is a difference of two principal subspaces, so it errs by no more
than the sum t of both subspaces' errors as sines, and |U_b^T D V_c|_F / |D|_F by t_b sqrt(right_c) + t_c sqrt(left_b) +
t_b t_c, a share p = x^2 by 2 x e + e^2 with that error e. A subspace errs by 1e-3 degrees where its gap is 2e-3 or more
(the bar of the principal subspaces), below that by 3e-7 over the gap, as f32 products leave it. From an f64 Gram matrix it
errs by N 2^-53 s_1^2 / (s_k^2 - s_{k+1}^2) for N terms, 1e-12 (s_1 / s_k)^2 / gap for N up to 10^4. Nor may shares sum up to
worse than the off-principal ones, whose bar is 1e-5 at each edge.

**Sines.** As the largest angle: 1 %, or 1 % of 1e-3 degrees each.

**Chance of the sines.** A relative error e of the singular values changes a term by no more than
2 e + 4 e (s_k^2 + s_{k+1}^2) / (s_k^2 - s_{k+1}^2), and its root by half of that. e is 1e-6 where all are known, and
5e-6 (the bar of the gap) where the values beyond k are estimates. Where only the first k + 1 or more are known, the
interval must hold the truth and lie inside that of k + 1 known values.
"""

import math

import numpy as np

from . import bars_chance, chance
from .bars_spectral import ANGLE_FLOOR, GAP, ROUNDING, SHARE, shift_of_k

SHARES = ("off_principal_share", "off_principal_left", "off_principal_right")
# Chance levels divide norms, which have a bar of 1e-6 each.
NORMS = 2e-6
# The share by chance is an integral and a root; both can be had to more than this.
UPDATE = {"stable_rank": ROUNDING, "share_top_k": 1e-6}


def both(ledger, name, got, want):
    """Whether there is anything to compare: null only beside null."""
    ledger.equal(f"{name} defined", got is not None, want is not None)
    return got is not None and want is not None


def subspace_error(s, k, exact):
    """Of the rank-k subspaces, as a sine."""
    gap = 1 - (s[k] if k < len(s) else 0.0) / s[k - 1]
    if gap <= 0:
        return 1.0
    if exact:
        return min(1.0, 1e-12 * (s[0] / s[k - 1]) ** 2 / gap)
    return math.radians(1e-3) if gap >= 2e-3 else min(1.0, 3e-7 / gap)


def along_spectrum(ledger, geometry, want, rounded, _):
    """Edges equal, every share within its bar."""
    got, true, left = (g["along_spectrum"] for g in (geometry, want, rounded))
    ledger.equal("along_spectrum.edges", got["edges"], true["edges"])
    at = [0.0] + [
        subspace_error(want["spectrum_base"], k, geometry["exact"]) for k in true["edges"]
    ]
    t = [a + b for a, b in zip(at, at[1:])]
    defined = max(at) < 0.05

    def share(name, g, w, r, error, edges):
        bar = 2 * math.sqrt(w) * error + error**2 + NORMS * w
        ledger.near(
            f"along_spectrum.{name}",
            g,
            w,
            0,
            max(min(bar, edges * SHARE if defined else 1.0), 1e-15),
            r,
        )

    for side in ("left", "right"):
        ledger.equal(f"along_spectrum.{side} length", len(got[side]), len(true[side]))
        for g, w, r, e in zip(got[side], true[side], left[side], t):
            share(side, g, w, r, e, 2)
    ledger.equal(
        "along_spectrum.core shape",
        [len(row) for row in got["core"]],
        [len(row) for row in true["core"]],
    )
    for b, rows in enumerate(zip(got["core"], true["core"], left["core"])):
        for c, (g, w, r) in enumerate(zip(*rows)):
            e = t[b] * math.sqrt(true["right"][c]) + t[c] * math.sqrt(true["left"][b]) + t[b] * t[c]
            share("core", g, w, r, e, 4)


def point(ledger, got, want, rounded, exact):
    """One rank of the sweep, with the bars that these figures have at k."""
    ledger.near("sweep.gap", got["gap"], want["gap"], 0, 5e-6)
    for side in ("both", "left", "right"):
        ledger.near("sweep.chance", got["chance"][side], want["chance"][side], ROUNDING, 1e-15)
    truth, shift = want["rotation_max"], want["nss_top_k"]
    nothing = shift == truth == 0
    shift_of_k(ledger, "sweep.nss_top_k", got, want, rounded, exact)
    ledger.covers(
        "sweep.nss_top_k_uncertainty covers",
        got["nss_top_k_uncertainty"],
        got["nss_top_k"],
        shift,
        rounded["nss_top_k"],
    )
    for name in SHARES:
        if got["resolved"] or want[name] is None:
            ledger.near(f"sweep.{name}", got[name], want[name], 0, SHARE, rounded[name])
            ledger.covers(
                "sweep.shares_uncertainty covers",
                got["shares_uncertainty"],
                got[name],
                want[name],
                rounded[name],
            )
    if min(want["gap"], want["gap_tuned"]) >= GAP and not got["resolved"]:
        ledger.fail("sweep.resolved", f"false at a gap of {want['gap']:.3g}")
    for name in ("rotation_max", "rotation_median"):
        if got["resolved"]:
            ledger.near(
                f"sweep.{name}",
                got[name],
                want[name],
                1e-2,
                0 if nothing else ANGLE_FLOOR,
                rounded[name],
            )
    ledger.add(
        "sweep.uncertainty covers",
        abs(got["rotation_max"] - truth),
        max(1e-2 * truth, got["uncertainty"]),
    )


def sweep(ledger, geometry, want, rounded, _):
    """Every edge; the last one is k, where the figures are the geometry's own."""
    got = geometry["sweep"]
    ledger.equal("sweep.k", [p["k"] for p in got], [p["k"] for p in want["sweep"]])
    for g, w, r in zip(got, want["sweep"], rounded["sweep"]):
        point(ledger, g, w, r, geometry["exact"])
    for name in (
        *SHARES,
        "nss_top_k",
        "rotation_max",
        "rotation_median",
        "gap",
        "resolved",
        "uncertainty",
        "nss_top_k_uncertainty",
        "shares_uncertainty",
    ):
        ledger.equal(f"sweep.{name} at k", got[-1][name] if got else None, geometry[name])


def interval(ledger, name, got, truth, widest, exact, relative):
    """[low, high]: equal where exact, else around the truth and inside the widest that is allowed."""
    if not both(ledger, name, got, truth):
        return
    (low, high), bar = got, relative * truth[0] + 1e-15
    if exact:
        ledger.equal(f"{name} of a known spectrum", low, high)
    ledger.add(f"{name} holds the truth", max(low - truth[0], truth[0] - high, 0.0), bar)
    ledger.add(f"{name} width", max(widest[0] - low, high - widest[1], 0.0), bar)


def sin_theta(ledger, geometry, want, rounded, tensor):
    """Observed and by chance, where the subspace is defined."""
    if not geometry["resolved"]:
        return
    got, true, exact = geometry["sin_theta"], want["sin_theta"], geometry["exact"]
    s, k = np.array(want["spectrum_base"]), want["k"]
    nothing = want["nss"] == want["rotation_max"] == 0
    for side in ("left", "right"):
        floor = 0 if nothing else math.radians(ANGLE_FLOOR) * math.sqrt(k)
        ledger.near(
            f"sin_theta.{side}", got[side], true[side], 1e-2, floor, rounded["sin_theta"][side]
        )
    inner, outer = s[k - 1] ** 2, s[k] ** 2 if k < s.size else 0.0
    error = 1e-6 if exact else 5e-6
    relative = NORMS + (
        error * (1 + 2 * (inner + outer) / (inner - outer)) if inner > outer else math.inf
    )
    known = s.size if exact else min(k + 1, s.size)
    widest = chance.sine_norms(s, tensor["shape"], k, tensor["update"]["frobenius_update"], known)
    for side, span in zip(("chance_left", "chance_right"), widest):
        interval(ledger, f"sin_theta.{side}", got[side], true[side], span, exact, relative)


def shifts(ledger, geometry, want, tensor):
    """NSS by chance. Without the whole spectrum its rank is not known, and the level of full rank may stand for it."""
    got, true = geometry["chance"], want["chance"]
    full = tensor["update"]["relative_update"] / math.sqrt(max(tensor["shape"]))
    allowed = [true["nss"]] if geometry["exact"] else [true["nss"], full]
    nss = got["nss"]
    ledger.near("chance.nss", nss, min(allowed, key=lambda level: abs(level - (nss or 0.0))), NORMS)
    ledger.near("chance.nss_top_k", got["nss_top_k"], true["nss_top_k"], NORMS)


def update(ledger, got, want):
    """By chance, of the spectrum of the update itself."""
    mine, true = got["chance"], want["chance"]
    if both(ledger, "update.chance", mine, true):
        for name, bar in UPDATE.items():
            ledger.near(f"update.chance.{name}", mine[name], true[name], bar)


def spectrum(ledger, got, want, rounded):
    """Of one tensor's report."""
    if got["update"]:
        with ledger.fields("update."):
            update(ledger, got["update"], want["update"])
    g, w = got["geometry"], want["geometry"]
    if not (g and w) or g["k"] != w["k"]:
        return
    for name, compare in {
        "along_spectrum": along_spectrum,
        "sweep": sweep,
        "sin_theta": sin_theta,
    }.items():
        with ledger.fields("geometry."):
            if both(ledger, name, g[name], w[name]):
                compare(ledger, g, w, rounded["geometry"], want)
    for compare in (shifts, bars_chance.chance):
        with ledger.fields("geometry.chance."):
            compare(ledger, g, w, want)
