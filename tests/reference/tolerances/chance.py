"""The rotation that a random update gives, beside chance levels in closed form.

**Single vectors** have a closed form, so a report's angle must lie between the ends that its
knowledge of the spectrum leaves. A square s_i^2 errs by 1e-12 s_1^2 where all values are known
(N 2^-53 s_1^2 of an f64 Gram matrix of N up to 10^4 terms) and by 1e-5 of itself, twice the
tolerance of the gap, where they are estimates. A term (s_i^2 + s_j^2) / (s_i^2 - s_j^2)^2 lies
between those of the widest and of the narrowest difference; where a difference may be 0 the upper
end is infinite, and null is as right as an angle. Where only leading values are known, the tail may
stand at its root mean square beyond k + 1 known values. The terms are convex in s_i^2, so with each
value more that is known the angle grows up to that of the whole spectrum.

**Means over draws** differ from the reference's own by t s sqrt(1/8 + 1/draws), s being the
standard deviation over the reference's draws and t Student's quantile at the probability that a
normal variable has beyond five standard deviations. The spectrum's errors change an entry of X by
no more than twice the relative error of s_k^2 - s_{k+1}^2, and by as much its angle. Where that is
more than a tenth, rounding decides which side of k a direction lies on, and levels are not
compared: all of them are given or, where the report's own values are equal, none. A mean over 45
degrees says that first order ends here. Deficits from 90 degrees then have the heavy tail of 1/|N|,
of which draws show little, so half the mean is allowed. Small angles may come from the Gram matrix
of X, whose eigenvalues err by k 2^-53 of the largest: by 1e-7 of its root, up to k = 90.

**Standard deviations.** Of normal levels the squares have the ratio of an F distribution, with the
same probability. Beside a small gap levels are not normal: one entry now and then exceeds the edge
of all others (a kurtosis of 6 was seen). The largest angle moves by no more than L times the
distance of the Gaussians, L being the deviation of the largest entry, and so does the norm of eight
deviations from their mean. By concentration of Gaussian measure that exceeds its expectation by 5 L
in less than 4e-6 of cases (Boucheron, Lugosi & Massart, Concentration Inequalities, 2013, theorem
5.6), so s + 5 L / sqrt(7) is allowed, too.

**Partly known spectra.** The mean lies between the reference's and its `_least`, with the tail
beyond k + 1 values at its root mean square; both come from the same draws. The largest of both
sides may be larger: a product may draw X and Y independently in the tail, where W0's own share
their g. E max(A, B) is (E A + E B) / 2 + E|A - B| / 2, so two sides of deviation s gain no more
than s / sqrt(2) by that.
"""

import functools
import math

import numpy as np
from scipy.stats import f, norm, t

from definitions.chance import vector_energy
from definitions.chance_rotation import flatten_tail

from .rows import (
    DIGITS,
    NULL,
    Aid,
    Allowed,
    Ends,
    Free,
    Part,
    Tolerance,
    find_geometry,
    find_tensor,
)
from .spectrum import NORMS

DRAWS = 8
BEYOND = norm.sf(5)
EXACT, ESTIMATED = 1e-12, 1e-5
# The tolerance of a head's gap.
HEADS = 1e-8
UNCERTAIN, SATURATED = 0.1, 45.0
GRAM, NEARLY_RIGHT = 1e-7, 89.0


def errors(squares, exact):
    """Returns the error of each squared singular value."""
    return np.full_like(squares, EXACT * squares[0]) if exact else ESTIMATED * squares


def relative_error(s, k, exact):
    """Returns the relative error of the entries of X that belong to s_k and s_{k+1}; it is infinite
    where their gap may be 0."""
    inner, outer = s[k - 1] ** 2, s[k] ** 2 if k < len(s) else 0.0
    error = 2 * EXACT * s[0] ** 2 if exact else ESTIMATED * (inner + outer)
    gap = inner - outer
    return 2 * error / (gap - error) if gap > error else math.inf


def largest_entry(s, k):
    """Returns the standard deviation of the largest entry of X, over tau; the gap must not be 0."""
    inner, outer = s[k - 1] ** 2, s[k] ** 2 if k < len(s) else 0.0
    return math.sqrt(inner + outer) / (inner - outer)


@functools.lru_cache(maxsize=64)
def vector_ends(s, k, side, exact):
    """Returns (low, true, high) of E sin^2 / tau^2 of the first k vectors; `s` is a tuple."""
    s = np.array(s)

    def energy(values, sign):
        squares = values**2
        error = errors(squares, exact)
        total = squares[:k, None] + squares
        apart = np.abs(squares[:k, None] - squares) + sign * (error[:k, None] + error)
        with np.errstate(divide="ignore"):
            terms = np.where(apart > 0, total / np.maximum(apart, 0) ** 2, math.inf)
        terms[np.arange(k), np.arange(k)] = 0
        return terms.sum(axis=1) + (side - values.size) / (squares[:k] + sign * error[:k])

    low = energy(s if exact else flatten_tail(s, k + 1), 1)
    return low, vector_energy(s, k, side), energy(s, -1)


def degrees(energy):
    """Returns the angle of E sin^2 in degrees; 90 where that is not a sine."""
    return math.degrees(math.asin(math.sqrt(min(energy, 1.0))))


def variance(place):
    """Returns tau^2, the variance of an entry of a random update."""
    true = find_tensor(place).want
    return true["update"]["frobenius_update"] ** 2 / math.prod(true["shape"])


def vector(place):
    """Allows one angle between both ends, or null where the upper one is not an angle."""
    geometry, tau_squared = find_geometry(place), variance(place)
    if tau_squared == 0:
        return Allowed(0.0, 0.0, 0.0)
    side = find_tensor(place).want["shape"][0 if place.up.path.endswith("left") else 1]
    ends = vector_ends(
        tuple(geometry.want["spectrum_base"]),
        geometry.want["k"],
        side,
        geometry.got["exact"] is True,
    )
    low, true, high = (tau_squared * float(end[place.key]) for end in ends)
    low, high = low * (1 - NORMS) ** 2, high * (1 + NORMS) ** 2
    true = degrees(true)
    above = degrees(high) - true if high < 1 else math.inf
    return Allowed(true, true - degrees(low) + 1e-15, above + 1e-15, null=high >= 1, number=low < 1)


def noise(largest):
    """Returns the error of a small angle from the Gram matrix of X, given the largest angle."""
    return math.degrees(GRAM * math.tan(math.radians(min(largest, NEARLY_RIGHT))))


@functools.cache
def quantile(count):
    """Returns Student's quantile of `count` draws."""
    return t.isf(BEYOND, count - 1)


def mean(want, spread, count, relative, floor, least=None, gain=0.0):
    """Allows what a mean over the product's draws may be beside one over `count` of the
    reference's."""
    if want == spread == 0:  # nothing to turn to, or no update
        return Allowed(0.0, 0.0, 0.0)
    size = quantile(count) * spread * math.sqrt(1 / DRAWS + 1 / count)
    size += (relative + NORMS) * want + floor
    if want > SATURATED:
        size = max(size, want / 2)
    low, high = (want, want) if least is None else (min(want, least), max(want, least))
    return Allowed(want, size + want - low, size + high + gain - want)


@functools.cache
def ratios(count):
    """Returns the (low, high) ratio of standard deviations over the product's and `count` draws."""
    low, high = (math.sqrt(f.isf(p, DRAWS - 1, count - 1)) for p in (1 - BEYOND, BEYOND))
    return low, high


def deviation(want, entry, count, level):
    """Allows what a standard deviation over the product's draws may be."""
    if level > SATURATED:
        most = SATURATED * math.sqrt(DRAWS / (DRAWS - 1))
        return Allowed(min(want, most), math.inf, max(0.0, most - want))
    low, high = ratios(count)
    above = max((high - 1) * want, 5 * entry / math.sqrt(DRAWS - 1))
    return Allowed(want, (1 - low) * want, above)


# At one rank: `place.up` is the chance of a sweep's point or of the geometry.


def rank_error(point, geometry):
    """Returns the relative error at the rank of a point of the sweep or of the geometry itself."""
    return relative_error(geometry.want["spectrum_base"], point.want["k"], geometry.got["exact"])


def is_rank_certain(place):
    """Says whether the gap is certain, so that levels can be compared."""
    return rank_error(place.up.up, find_geometry(place)) <= UNCERTAIN


def rotation(place):
    """Allows what the largest angle or the median of one rank may be."""
    geometry, level = find_geometry(place), place.up.want
    if place.want is None:
        return NULL
    spread = level[f"{place.key}_deviation"]
    partly = {}
    if not geometry.got["exact"]:
        partly["least"] = level[f"{place.key}_least"]
        partly["gain"] = spread / math.sqrt(2) if place.key == "rotation_max" else 0.0
    return mean(
        place.want,
        spread,
        geometry.want["chance"]["draws"],
        rank_error(place.up.up, geometry),
        noise(level["rotation_max"]),
        **partly,
    )


def rotation_deviation(place):
    """Allows what the standard deviation of the largest angle over the draws may be."""
    geometry, level = find_geometry(place), place.up.want
    if place.want is None:
        return NULL
    return deviation(
        place.want,
        math.degrees(
            math.sqrt(variance(place))
            * largest_entry(geometry.want["spectrum_base"], place.up.up.want["k"])
        ),
        geometry.want["chance"]["draws"],
        level["rotation_max"],
    )


def angle(place):
    """Allows what one principal angle at k may be."""
    geometry, level, name = find_geometry(place), place.up.up.want, place.up.key
    return mean(
        place.want,
        level[f"{name}_deviation"][place.key],
        level["draws"],
        rank_error(geometry, geometry),
        noise(level["rotation_max"]),
        None if geometry.got["exact"] else level[f"{name}_least"][place.key],
    )


def is_angle_certain(place):
    """Says whether the gap at k is certain, for an angle of a list in the geometry's chance."""
    geometry = find_geometry(place)
    return rank_error(geometry, geometry) <= UNCERTAIN


def of_rank(full, relative):
    """A level depends on the rank of W0.

    Without the whole spectrum that is not known, and the level of full rank, which `full` gives of
    the tensor, may stand for it.
    """

    def allowed(place):
        levels = [place.want]
        if not find_geometry(place).got["exact"]:
            levels.append(full(find_tensor(place).want))
        nearest = min(levels, key=lambda level: abs(level - (place.got or 0.0)))
        return Allowed(nearest, relative * nearest, relative * nearest)

    return Ends(allowed)


def share_of_full_rank(tensor):
    """Returns the spectral share by chance where W0 has full rank."""
    return 1 / math.sqrt(max(tensor["shape"]))


def nss_of_full_rank(tensor):
    """Returns NSS by chance where W0 has full rank."""
    return tensor["update"]["relative_update"] * share_of_full_rank(tensor)


ROTATIONS = ("rotation_max", "rotation_max_deviation", "rotation_median")
ANGLES = ("angles_left", "angles_right")


def alike(levels):
    """Says whether all levels are given, or none is."""
    return len({level is None for level in levels}) == 1


def given_together(place):
    """Levels of one rank are given together, also where its gap is too uncertain to compare
    them."""
    if not alike([place.got["chance"][name] for name in ROTATIONS]):
        yield "chance: the rotations are not given together"


def given_together_at_k(place):
    """The angles of both sides are given together, and `draws` says as many as there were."""
    level = place.got["chance"]
    if not alike([level[name] for name in ANGLES]):
        yield "chance: the angles are not given together"
    draws = None if level["rotation_max"] is None else DRAWS
    if level["draws"] != draws:
        yield f"chance.draws is {level['draws']} instead of {draws}"


def in_descending_order(place):
    """Angles descend, where they are given."""
    for name in ANGLES:
        found = place.got["chance"][name]
        if found and found != sorted(found, reverse=True):
            yield f"chance.{name} does not descend"


SHARE_LEVEL = Tolerance(DIGITS.relative, 1e-15)
# `place` of these rows is a field of `chance`, which belongs to a rank.
AT_RANK = {
    "both": SHARE_LEVEL,
    "left": SHARE_LEVEL,
    "right": SHARE_LEVEL,
    "nss_top_k": Tolerance(NORMS),
    "rotation_max": Ends(rotation, when=is_rank_certain),
    "rotation_max_deviation": Ends(rotation_deviation, when=is_rank_certain),
    "rotation_median": Ends(rotation, when=is_rank_certain),
    "rotation_max_least": Aid(),
    "rotation_median_deviation": Aid(),
    "rotation_median_least": Aid(),
}
CHANCE = {
    **AT_RANK,
    "nss": of_rank(nss_of_full_rank, NORMS),
    "spectral_share": of_rank(share_of_full_rank, DIGITS.relative),
    "spectral_excess": of_rank(lambda tensor: 1.0, DIGITS.relative),
    "draws": Free("those of the product; `given_together_at_k` holds it"),
    "angles_left": Part(when=is_angle_certain),
    "angles_left[]": Ends(angle),
    "angles_right": Part(when=is_angle_certain),
    "angles_right[]": Ends(angle),
    **{f"{name}{end}": Aid() for name in ANGLES for end in ("_deviation", "_least")},
    "vectors_left[]": Ends(vector),
    "vectors_right[]": Ends(vector),
}
