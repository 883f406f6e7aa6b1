"""Holds everything that comes from singular values and vectors, at k and at every rank of the
sweep."""

import math

from .chance import AT_RANK as CHANCE_AT_RANK
from .chance import CHANCE, given_together, given_together_at_k, in_descending_order
from .rows import (
    NULL,
    SAME,
    Aid,
    Allowed,
    Ends,
    Free,
    Part,
    Tolerance,
    allow_around,
    find_geometry,
    find_tensor,
    under,
    within,
)
from .spectrum import (
    ALONG_SPECTRUM,
    ANGLE_FLOOR,
    NORMS,
    SHARE,
    SIN_THETA,
    is_unmoved,
    known_ends,
)

TINY_NSS = 1e-8
ABSOLUTE_NSS = 1e-11
# The error that f32 leaves of a shift where k cuts a cluster: base and tuned then share no errors.
UNRESOLVED_NSS = 3e-7
# The gap of base and tuned from which on a subspace must be resolved.
GAP = 1e-4
ANGLE = 1e-2


def nss_relative(true):
    """Returns 1e-3 for a shift that is not tiny, else 0."""
    return 1e-3 if true >= TINY_NSS else 0.0


def is_exact(place):
    """Says whether the report knows the whole spectrum."""
    return find_geometry(place).got["exact"]


# At one rank, be it k or one of the sweep.


def is_still(place):
    """Says whether the reference's figures at this rank are exactly those of no update."""
    true = place.up.want
    return true["nss_top_k"] == true["rotation_max"] == 0


def shift_floor(place):
    """Returns exactly 0 where nothing moved, else what the route leaves."""
    if is_still(place):
        return 0.0
    return ABSOLUTE_NSS if is_exact(place) or place.up.got["resolved"] else UNRESOLVED_NSS


def is_defined(place):
    """Says whether the report calls the subspace of this rank defined."""
    return place.up.got["resolved"]


def has_share(place):
    """Says whether a share is compared: where the subspace is defined, and where there is no
    update."""
    return place.up.got["resolved"] or place.want is None


def angle_floor(place):
    """Returns 1 % of 1e-3 degrees; exactly 0 where nothing moved."""
    return 0.0 if is_still(place) else ANGLE_FLOOR


def rotation_within(place):
    """Allows 1 % of the true angle, or what the report calls uncertain where that is more."""
    true = place.want
    size = max(ANGLE * true, place.up.got["uncertainty"])
    return Allowed(true, size, size)


def resolved_where_apart(place):
    """At a relative gap of 1e-4 or more on both sides the subspace must be resolved."""
    gap = min(place.want["gap"], place.want["gap_tuned"])
    if gap >= GAP and not place.got["resolved"]:
        yield f"resolved is false at a gap of {gap:.3g}"


def uncertainties_stated(place):
    """Uncertainties are numbers from 0 up, or null where there is no figure."""
    for name, figure in UNCERTAINTIES.items():
        found = place.got[name]
        wanted = place.want[figure] is not None and (
            place.got["resolved"] or name != "shares_uncertainty"
        )
        if (found is None and wanted) or (found is not None and not found >= 0):
            yield f"{name} is {found}"


UNCERTAINTIES = {
    "uncertainty": "rotation_max",
    "nss_top_k_uncertainty": "nss_top_k",
    "shares_uncertainty": "off_principal_share",
}
OFF_PRINCIPAL = (
    Tolerance(0, SHARE, when=has_share),
    within("shares_uncertainty", when=has_share),
)
AT_RANK = {
    "k": SAME,
    "off_principal_share": OFF_PRINCIPAL,
    "off_principal_left": OFF_PRINCIPAL,
    "off_principal_right": OFF_PRINCIPAL,
    "nss_top_k": (
        Tolerance(lambda place: nss_relative(place.want), shift_floor),
        within("nss_top_k_uncertainty"),
    ),
    "rotation_max": (
        Tolerance(ANGLE, angle_floor, when=is_defined),
        Ends(rotation_within, label=" within uncertainty"),
    ),
    "rotation_median": Tolerance(ANGLE, angle_floor, when=is_defined),
    "gap": Tolerance(0, 5e-6),
    "gap_tuned": Aid(),
    "resolved": Free("the report's own judgement; `resolved_where_apart` holds it"),
    **{name: Free("`uncertainties_stated` holds it") for name in UNCERTAINTIES},
    **under("chance.", CHANCE_AT_RANK),
}


# At k alone.


def leading_or_all(place):
    """Returns how many values there must be, (least, most): all where the product decomposed in
    full, else the first k."""
    count = len(place.want)
    return (count if is_exact(place) else min(find_geometry(place).want["k"], count)), count


def is_known(place):
    """Says whether this value of the spectrum is compared."""
    return is_exact(place) or place.key < find_geometry(place).want["k"]


VALUE = Tolerance(1e-6, lambda place: 1e-9 * place.up.want[0], when=is_known)


def nss_interval(place):
    """[low, high] holds the truth, and ends no higher than Mirsky's bound."""
    geometry = place.up.up
    true, bound = geometry.want["nss"], geometry.want["bounds"]["nss"]["bound"]
    slack = 1e-6 * true + 1e-14 + abs(geometry.rounded["nss"] - true)
    if place.key == 0:
        return Allowed(true, math.inf, slack)
    return Allowed(true, slack, max(bound - true + slack, 0.0))


def angle_of_all(place):
    """Returns 1e-3 of the largest angle, but not less than the floor; exactly 0 where nothing
    moved."""
    true = find_geometry(place).want
    if true["rotation_max"] == 0:
        return 0.0 if true["nss"] == 0 else ANGLE_FLOOR
    return max(ANGLE_FLOOR, 1e-3 * true["rotation_max"])


def is_angle_defined(place):
    """Says whether an angle is compared: where the subspace is defined, and where it cannot
    turn."""
    true = find_geometry(place)
    return true.got["resolved"] or true.want["rotation_max"] == 0


PRINCIPAL_ANGLE = Tolerance(ANGLE, angle_of_all, when=is_angle_defined)


def is_apart(place):
    """Says whether a vector's neighbours on both sides are apart in both matrices."""
    true, i = find_geometry(place).want, place.key
    gaps = []
    for s in (true["spectrum_base"], true["spectrum_tuned"]):
        ends = s[i - 1] if i else math.inf, s[i + 1] if i + 1 < len(s) else 0.0
        gaps += [abs(s[i] - end) / s[i] for end in ends]
    return min(gaps) >= 1e-3


def vector_within(place):
    """Allows what the report calls uncertain of this vector."""
    found = find_geometry(place).got["vector_rotation_uncertainty"][place.key]
    left = abs(place.rounded - place.want)
    return Allowed(place.want, found + left, found + left)


VECTOR = (
    Tolerance(2e-2, 1e-3, when=is_apart),
    Ends(vector_within, when=is_apart, label=" within vector_rotation_uncertainty"),
)


def vector_uncertainties(place):
    """There is one number from 0 up for each vector."""
    found = place.got["vector_rotation_uncertainty"]
    if not isinstance(found, list) or len(found) != place.want["k"]:
        yield f"vector_rotation_uncertainty is {found}"
    elif any(size is None or not size >= 0 for size in found):
        yield f"vector_rotation_uncertainty holds {found}"


def nss_error(place):
    """Returns the error of NSS over the whole spectrum."""
    true = find_geometry(place).want
    floor = 0.0 if is_unmoved(true) else ABSOLUTE_NSS
    return max(nss_relative(true["nss"]) * true["nss"], floor)


def share_error(place):
    """Returns the error of NSS as one of the share, which has its numerator over another norm."""
    relative = find_tensor(place).want["update"]["relative_update"]
    return nss_error(place) / relative + NORMS * find_geometry(place).want["spectral_share"]


def excess_error(place):
    """Returns the error of the share as one of the excess: 2 x e + e^2 of a share x with the error
    e, times the longer side."""
    share, error = find_geometry(place).want["spectral_share"], share_error(place)
    return max(find_tensor(place).want["shape"]) * (2 * share * error + error**2)


def where_exact(error):
    """A figure of the whole spectrum is right within its error where all of that is known, and else
    null."""

    def allowed(place):
        if place.want is None:
            return NULL
        if not is_exact(place):
            return Allowed(place.want, 0, 0, null=True, number=False)
        return allow_around(place.want, error(place) + abs(place.rounded - place.want))

    return Ends(allowed)


def interval_of(figure, error, bound):
    """[low, high] of a figure holds the truth, and ends no higher than Mirsky's bound.

    The ends err by rounding alone, which is a thousandth of what the figure itself may err by.
    """

    def allowed(place):
        true = place.want
        rounded = find_geometry(place).rounded[figure]
        slack = 1e-3 * error(place) + abs(rounded - true) + 1e-15
        if place.key == 0:
            return Allowed(true, math.inf, slack)
        return Allowed(true, slack, max(bound(place) - true, 0.0) + slack)

    return Ends(allowed)


def observed(name, relative, floor):
    """Allows what a bound bounds: of all values where all are known, else of the first k."""

    def figure(side, exact, k):
        if name == "nss":
            return side["nss"] if exact else side["nss_top_k"]
        pairs = zip(side["spectrum_base"], side["spectrum_tuned"], strict=True)
        return max(abs(a - b) for a, b in list(pairs)[: None if exact else k])

    def allowed(place):
        geometry = find_geometry(place)
        true, left = (
            figure(side, geometry.got["exact"], geometry.want["k"])
            for side in (geometry.want, geometry.rounded)
        )
        size = max(relative * true, floor(place)) + abs(left - true)
        return Allowed(true, size, size)

    return Ends(allowed)


def largest_value(share):
    """Returns a function that gives a share of the base's largest singular value."""
    return lambda place: share * find_geometry(place).want["spectrum_base"][0]


def is_gap_certain(place):
    """Says whether the gap is certain: Wedin's bounds divide by it, so they are right only
    there."""
    return find_geometry(place).want["gap"] >= 1e-3


def is_strict_certain(place):
    """Says whether the strict bound is certain, which divides by the gap less the update, too."""
    return is_gap_certain(place) and (place.want is None or place.want < 10)


def sine_of_rotation(place):
    """Returns the sine of the report's own largest angle, which Wedin's bounds are for."""
    return math.sin(math.radians(min(find_geometry(place).got["rotation_max"], 90.0)))


BOUND = Tolerance(1e-3, largest_value(1e-12))
SINE = Tolerance(1e-6, 1e-12, true=sine_of_rotation)
BOUNDS = {
    "weyl.observed": observed("weyl", 1e-3, largest_value(1e-9)),
    "weyl.bound": BOUND,
    "nss.observed": observed("nss", 1e-3, lambda place: ABSOLUTE_NSS),
    "nss.bound": BOUND,
    "ky_fan.observed": Tolerance(1e-3, largest_value(1e-8)),
    "ky_fan.bound": BOUND,
    "wedin_as_stated.observed": SINE,
    "wedin_as_stated.bound": Tolerance(5e-3, when=is_gap_certain),
    "wedin_strict.observed": SINE,
    "wedin_strict.bound": Tolerance(5e-2, when=is_strict_certain),
}


def last_of_sweep(place):
    """The sweep ends at k, where its figures are the geometry's own."""
    last = place.got["sweep"][-1] if place.got["sweep"] else {"chance": {}}
    for name, row in AT_RANK.items():
        if isinstance(row, Aid):
            continue
        *way, name = name.split(".")
        at_end, own = (point["chance"] if way else point for point in (last, place.got))
        if at_end.get(name) != own[name]:
            yield f"sweep.{name} at k is {at_end.get(name)} instead of {own[name]}"


def resolved_elsewhere(place):
    """Another rank is named only where the subspace at k is not resolved."""
    if place.got["resolved"] and place.got["nearest_resolved_k"] is not None:
        yield "nearest_resolved_k is given where k is resolved"


def nss_where_exact(place):
    """`exact` says that the whole spectrum is known, on which NSS depends."""
    if (place.got["nss"] is not None) != (place.got["exact"] is True):
        yield f"exact is {place.got['exact']} beside an NSS of {place.got['nss']}"


OF_METHOD = Free("how the product found it")
GEOMETRY = {
    **AT_RANK,
    "requested_k": SAME,
    "exact": Free("the route; `nss_where_exact` holds it to the figures"),
    "method": OF_METHOD,
    "converged": OF_METHOD,
    "columns_per_k": OF_METHOD,
    "spectrum_error": Free("the report's own estimate; both spectra are held to the truth"),
    "nearest_resolved_k": Free("a hint; `resolved_elsewhere` holds when it is given"),
    "spectrum_base": Part(lengths=leading_or_all),
    "spectrum_base[]": VALUE,
    "spectrum_tuned": Part(lengths=leading_or_all),
    "spectrum_tuned[]": VALUE,
    "nss": where_exact(nss_error),
    "nss_interval": Part(lengths=lambda place: (2, 2)),
    "nss_interval[]": Ends(nss_interval),
    "spectral_share": where_exact(share_error),
    "spectral_share_interval[]": interval_of("spectral_share", share_error, lambda place: 1.0),
    "spectral_excess": where_exact(excess_error),
    "spectral_excess_interval[]": interval_of(
        "spectral_excess", excess_error, lambda place: max(find_tensor(place).want["shape"])
    ),
    "angles_left[]": PRINCIPAL_ANGLE,
    "angles_right[]": PRINCIPAL_ANGLE,
    "vector_rotation_left[]": VECTOR,
    "vector_rotation_right[]": VECTOR,
    "vector_rotation_uncertainty": Free("`vector_uncertainties` holds it"),
    **under("along_spectrum.", ALONG_SPECTRUM),
    **under("sin_theta.", SIN_THETA),
    **under("bounds.", BOUNDS),
    **under("chance.", CHANCE),
    **under("sweep[].", AT_RANK),
}
RULES = {
    "": [
        resolved_where_apart,
        uncertainties_stated,
        vector_uncertainties,
        last_of_sweep,
        resolved_elsewhere,
        nss_where_exact,
        known_ends,
        given_together,
        given_together_at_k,
        in_descending_order,
    ],
    ".sweep[]": [resolved_where_apart, uncertainties_stated, given_together],
}
