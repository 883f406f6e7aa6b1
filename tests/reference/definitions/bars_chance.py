"""Bars of the rotation that a random update gives.

**Single vectors** have a closed form, so a report's angle must lie between the ends that its knowledge of the spectrum leaves.
A square s_i^2 errs by 1e-12 s_1^2 where all values are known (N 2^-53 s_1^2 of an f64 Gram matrix of N up to 10^4 terms) and
by 1e-5 of itself, twice the bar of the gap, where they are estimates. A term (s_i^2 + s_j^2) / (s_i^2 - s_j^2)^2 lies between
those of the widest and of the narrowest difference; where a difference may be none the upper end is infinite, and null is
as right as an angle. Where only leading values are known, the tail may stand at its root mean square beyond k + 1 known
values. The terms are convex in s_i^2, so with each value more that is known the angle grows up to that of the whole spectrum.

**Means over draws** differ from the reference's own by t s sqrt(1/8 + 1/draws), s being the standard deviation over the
reference's draws and t Student's quantile at the probability that a normal variable has beyond five standard deviations.
The spectrum's errors change an entry of X by no more than twice the relative error of s_k^2 - s_{k+1}^2, and by as much its
angle. Where that is more than a tenth, rounding decides which side of k a direction lies on, and levels are not compared:
all of them are given or, where the report's own values are equal, none. A mean over 45 degrees says that first order ends
here. Deficits from 90 degrees then have the heavy tail of 1/|N|, of which draws show little, so half the mean is allowed.
Small angles may come from the Gram matrix of X, whose eigenvalues err by k 2^-53 of the largest: by 1e-7 of its root, up to
k = 90.

**Standard deviations.** Of normal levels the squares have the ratio of an F distribution, with the same probability. Beside a
small gap levels are not normal: one entry now and then exceeds the edge of all others (a kurtosis of 6 was seen). The largest
angle moves by no more than L times the distance of the Gaussians, L being the deviation of the largest entry, and so does the
norm of eight deviations from their mean. By concentration of Gaussian measure that exceeds its expectation by 5 L in less than
4e-6 of cases (Boucheron, Lugosi & Massart, Concentration Inequalities, 2013, theorem 5.6), so s + 5 L / sqrt(7) is allowed, too.

**Partly known spectra.** The mean lies between the reference's and its `_least`, with the tail beyond k + 1 values at its
root mean square; both come from the same draws. The largest of both sides may be larger: a product may draw X and Y
independently in the tail, where W0's own share their g. E max(A, B) is (E A + E B) / 2 + E|A - B| / 2, so two sides of
deviation s gain no more than s / sqrt(2) by that.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.stats import f, norm, t

from .chance import vector_energy
from .chance_rotation import flattened

DRAWS = 8
BEYOND = norm.sf(5)
EXACT, ESTIMATED = 1e-12, 1e-5
# The bar of a head's gap.
HEADS = 1e-8
# Chance levels divide norms, which have a bar of 1e-6 each; the reference's means have six digits.
NORMS = 2e-6
UNCERTAIN, SATURATED = 0.1, 45.0
GRAM, NEARLY_RIGHT = 1e-7, 89.0


class Base(NamedTuple):
    """What the levels of one matrix depend on, and how well the product knows it."""

    s: list  # all singular values
    tau: float
    count: int  # draws of the reference
    exact: bool


def errors(squares, exact):
    """Of each squared singular value."""
    return np.full_like(squares, EXACT * squares[0]) if exact else ESTIMATED * squares


def relative_error(s, k, exact):
    """Of the entries of X that belong to s_k and s_{k+1}; infinite where their gap may be none."""
    squares = np.append(np.array(s) ** 2, 0.0)
    error = errors(squares, exact)[k - 1 : k + 1].sum()
    gap = squares[k - 1] - squares[k]
    return 2 * error / (gap - error) if gap > error else math.inf


def entry(s, k):
    """Standard deviation of the largest entry of X, over tau; the gap is not 0."""
    inner, outer = s[k - 1] ** 2, s[k] ** 2 if k < len(s) else 0.0
    return math.sqrt(inner + outer) / (inner - outer)


def vector_ends(s, k, side, exact):
    """[low, high] of E sin^2 / tau^2 of the first k vectors."""

    def energy(values, sign):
        squares = values**2
        error = errors(squares, exact)
        total = squares[:k, None] + squares
        apart = np.abs(squares[:k, None] - squares) + sign * (error[:k, None] + error)
        with np.errstate(divide="ignore"):
            terms = np.where(apart > 0, total / np.maximum(apart, 0) ** 2, math.inf)
        terms[np.arange(k), np.arange(k)] = 0
        return terms.sum(axis=1) + (side - values.size) / (squares[:k] + sign * error[:k])

    return energy(s if exact else flattened(s, k + 1), 1), energy(s, -1)


def degrees(energy):
    """The angle of E sin^2; 90 where that is no sine."""
    return math.degrees(math.asin(math.sqrt(min(energy, 1.0))))


def vector(ledger, name, got, low, true, high):
    """One angle between both ends, or null where the upper one is no angle."""
    low, high = low * (1 - NORMS) ** 2, high * (1 + NORMS) ** 2
    if got is None:
        return ledger.equal(f"{name} defined", high >= 1, True)
    ledger.equal(f"{name} defined", low < 1, True)
    end = degrees(low) if got <= degrees(true) else degrees(high) if high < 1 else math.inf
    ledger.add(
        name,
        abs(got - degrees(true)),
        abs(end - degrees(true)) + 1e-15,
        f"(got {got:.9g}, want {degrees(true):.9g})",
    )


def vectors(ledger, got, k, shape, base):
    """Both lists."""
    s, variance = np.array(base.s), base.tau**2
    for name, side in zip(("vectors_left", "vectors_right"), shape):
        mine = got[name]
        if variance == 0:
            ledger.equal(f"chance.{name} of no update", mine, [0] * k)
            continue
        ledger.equal(f"chance.{name} length", None if mine is None else len(mine), k)
        low, high = vector_ends(s, k, side, base.exact)
        for one in zip(
            mine or (), variance * low, variance * vector_energy(s, k, side), variance * high
        ):
            vector(ledger, f"chance.{name}", *one)


def noise(largest):
    """Of a small angle from the Gram matrix of X, given the largest one."""
    return math.degrees(GRAM * math.tan(math.radians(min(largest, NEARLY_RIGHT))))


def mean(ledger, metric, got, want, spread, count, relative, floor, least=None, gain=0.0):
    """A mean over the product's draws beside one over `count` of the reference's."""
    if got is None:
        return ledger.fail(metric, "null")
    if want == spread == 0:  # nothing to turn to, or no update
        return ledger.equal(metric, got, 0)
    allowed = (
        t.isf(BEYOND, count - 1) * spread * math.sqrt(1 / DRAWS + 1 / count)
        + (relative + NORMS) * want
        + floor
    )
    if want > SATURATED:
        allowed = max(allowed, want / 2)
    low, high = (want, want) if least is None else (min(want, least), max(want, least))
    allowed += high + gain - want if got > want else want - low
    ledger.add(metric, abs(got - want), allowed, f"(got {got:.9g}, want {want:.9g})")


def deviation(ledger, metric, got, want, largest_entry, count, level):
    """Standard deviation over the product's draws."""
    if got is None:
        return ledger.fail(metric, "null")
    if level > SATURATED:
        return ledger.add(metric, max(0.0, got - SATURATED * math.sqrt(DRAWS / (DRAWS - 1))), 0)
    high, low = (math.sqrt(f.isf(p, DRAWS - 1, count - 1)) for p in (BEYOND, 1 - BEYOND))
    above = max((high - 1) * want, 5 * largest_entry / math.sqrt(DRAWS - 1))
    ledger.add(
        metric,
        abs(got - want),
        above if got > want else (1 - low) * want,
        f"(got {got:.9g}, want {want:.9g})",
    )


def given(ledger, metric, got, want, relative, names):
    """Whether there are figures to compare: null only where there is no gap, or one that rounding may close."""
    levels = [got[name] for name in names]
    if relative > UNCERTAIN:
        alike = all(level is None for level in levels) or all(level is not None for level in levels)
        ledger.equal(f"{metric} given together", alike, True)
        return False
    for name, level in zip(names, levels):
        ledger.equal(f"{metric}.{name} defined", level is not None, want[name] is not None)
    return None not in levels and want[names[0]] is not None


def point(ledger, metric, got, want, k, base):
    """Largest angle and median of one rank."""
    relative = relative_error(base.s, k, base.exact)
    if not given(
        ledger,
        metric,
        got,
        want,
        relative,
        ("rotation_max", "rotation_max_deviation", "rotation_median"),
    ):
        return
    for name, gain in (
        ("rotation_max", want["rotation_max_deviation"] / math.sqrt(2)),
        ("rotation_median", 0.0),
    ):
        partly = {} if base.exact else {"least": want[f"{name}_least"], "gain": gain}
        mean(
            ledger,
            f"{metric}.{name}",
            got[name],
            want[name],
            want[f"{name}_deviation"],
            base.count,
            relative,
            noise(want["rotation_max"]),
            **partly,
        )
    deviation(
        ledger,
        f"{metric}.rotation_max_deviation",
        got["rotation_max_deviation"],
        want["rotation_max_deviation"],
        math.degrees(base.tau * entry(base.s, k)),
        base.count,
        want["rotation_max"],
    )


def angles(ledger, got, want, k, base):
    """Every principal angle at k."""
    relative = relative_error(base.s, k, base.exact)
    names = ("angles_left", "angles_right")
    if not given(ledger, "chance", got, want, relative, names):
        return
    for name in names:
        ledger.equal(f"chance.{name} length", len(got[name]), k)
        ledger.equal(f"chance.{name} descend", got[name], sorted(got[name], reverse=True))
        for i, mine in enumerate(got[name]):
            true, spread, least = (want[name + end][i] for end in ("", "_deviation", "_least"))
            mean(
                ledger,
                f"chance.{name}",
                mine,
                true,
                spread,
                base.count,
                relative,
                noise(want["rotation_max"]),
                None if base.exact else least,
            )


def sweep(ledger, got, want, base):
    """Every rank; the last one is k."""
    for mine, point_wanted in zip(got["sweep"], want["sweep"]):
        level = point_wanted["chance"]
        ledger.near(
            "sweep.chance.nss_top_k", mine["chance"]["nss_top_k"], level["nss_top_k"], NORMS
        )
        point(ledger, "sweep.chance", mine["chance"], level, point_wanted["k"], base)
    for name in ("nss_top_k", "rotation_max", "rotation_max_deviation", "rotation_median"):
        last = got["sweep"][-1]["chance"][name] if got["sweep"] else None
        ledger.equal(f"sweep.chance.{name} at k", last, got["chance"][name])


def chance(ledger, got, want, tensor):
    """Of one geometry."""
    true, mine, k = want["chance"], got["chance"], want["k"]
    base = Base(
        want["spectrum_base"],
        tensor["update"]["frobenius_update"] / math.sqrt(math.prod(tensor["shape"])),
        true["draws"],
        got["exact"],
    )
    ledger.equal("chance.draws", mine["draws"], None if mine["rotation_max"] is None else DRAWS)
    point(ledger, "chance", mine, true, k, base)
    angles(ledger, mine, true, k, base)
    vectors(ledger, mine, k, tensor["shape"], base)
    sweep(ledger, got, want, base)


def heads(ledger, got, want):
    """Of one tensor's heads, whose blocks are known in full."""
    names = ("nss_chance", "rotation_chance")
    ledger.equal(
        "heads.chance lengths", [len(got[name] or ()) for name in names], [want["count"]] * 2
    )
    for mine, true in zip(got["nss_chance"] or (), want["nss_chance"]):
        ledger.near("heads.nss_chance", mine, true, NORMS)
    levels = zip(*(want[name] for name in ("rotation_chance", "rotation_chance_deviation", "gap")))
    for mine, (true, spread, gap) in zip(got["rotation_chance"] or (), levels):
        relative = 2 * HEADS / gap if gap else math.inf
        if relative > UNCERTAIN:
            continue
        ledger.equal("heads.rotation_chance defined", mine is not None, true is not None)
        if mine is not None and true is not None:
            mean(
                ledger,
                "heads.rotation_chance",
                mine,
                true,
                spread,
                want["draws"],
                relative,
                noise(true),
            )
