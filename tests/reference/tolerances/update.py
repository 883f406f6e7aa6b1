"""Sizes of the update, and the figures of a LoRA adapter, which are f64 on every route.

The update of an adapter follows from its factors: norms and singular values err by the rounding of
the report's digits, and a value far below the first one by 2^-53 of the first, times the sides of
the matrix: 1e-12 for 10^4. Counts are equal: sums of r products in f64 err by r 2^-53, and in the
fixtures no weight is so near to 0, or to the middle of two numbers that it may be rounded to, that
this would decide (test_adapter.py). `merge_error` is of a difference, so it errs by 2^-53 of what
is subtracted: 1e-15.

A share p of A or B in a principal subspace errs as along the spectrum of W0 (spectrum.py): by
2 t sqrt(p) + t^2 where the subspace errs by t as a sine, and by the tolerance of norms, as singular
vectors are float32.
"""

import math

from .rows import DIGITS, ROUNDING, SAME, Free, Part, Tolerance, find_tensor
from .spectrum import NORMS, subspace_error

VALUES, MERGE = 1e-12, 1e-15


def is_adapted(place):
    """Says whether the update is that of an adapter."""
    return find_tensor(place).want["adapter"] is not None


def is_exact(place):
    """Says whether the product decomposed this matrix in full."""
    found = find_tensor(place).got["geometry"]
    return bool(found and found["exact"])


def is_complete(place):
    """Says whether all values of the update are known."""
    return is_adapted(place) or is_exact(place)


def tighter(otherwise):
    """Returns a tolerance that is tighter for adapters: a quotient of squares doubles the error of
    the digits."""
    return lambda place: 2 * ROUNDING if is_adapted(place) else otherwise


def rank_share(place):
    """Returns the tolerance of a count over a count, where the product counted singular values."""
    return ROUNDING if is_exact(place) else 2 * ROUNDING


def requested_k(place):
    """Returns the number of leading values that are compared; 0 without a geometry."""
    found = find_tensor(place).want["geometry"]
    return found["requested_k"] if found else 0


def is_leading(place):
    """Says whether a value is compared: every value of an adapter is known, else the first k."""
    return is_adapted(place) or place.key < requested_k(place)


def value_error(place):
    """Returns 1e-9 of the largest, or what the report says: a share of its own value, as the true
    one may be 0."""
    first, update = place.up.want[0], place.up.up.got
    if is_adapted(place):
        return VALUES * first
    return max(1e-9 * first, (update["spectrum_error"] or 0.0) * place.got)


def spectrum_lengths(place):
    """Returns how many values there must be, (least, most): all of an adapter; for other updates
    those that are compared; one 0 for no update."""
    count = len(place.want)
    if is_adapted(place):
        return count, count
    return (min(requested_k(place), count) if any(place.want[:1]) else min(1, count)), count


UPDATE = {
    "frobenius_base": Tolerance(1e-6),
    "frobenius_update": Tolerance(tighter(1e-6)),
    "relative_update": Tolerance(1e-6),
    "max_abs_update": Tolerance(1e-6),
    "spectral_norm": Tolerance(tighter(1e-3)),
    "stable_rank": Tolerance(tighter(1e-3)),
    "rank_share": Tolerance(rank_share, when=is_complete),
    "entropy_rank": Tolerance(tighter(1e-3), when=is_complete),
    "share_top_k": Tolerance(tighter(1e-3)),
    "spectrum": Part(lengths=spectrum_lengths),
    "spectrum[]": Tolerance(
        lambda place: ROUNDING if is_adapted(place) else 1e-6, value_error, when=is_leading
    ),
    "spectrum_error": Free("the report's own estimate; `spectrum` is held to it"),
    "chance.stable_rank": DIGITS,
    # An integral and a root, which both can be had to more than this.
    "chance.share_top_k": Tolerance(1e-6),
}


def principal_error(place):
    """Returns the tolerance of a share of A or B in a principal subspace."""
    found, true = find_tensor(place).got["geometry"], find_tensor(place).want["geometry"]
    t = subspace_error(true["spectrum_base"], true["k"], found["exact"]) if found and true else 0.0
    share = place.want or 0.0
    return 2 * t * math.sqrt(share) + t**2 + NORMS * share


QUOTIENT = Tolerance(ROUNDING, MERGE)
ADAPTER = {
    "rank": SAME,
    "touched": SAME,
    "scale": QUOTIENT,
    "survives": QUOTIENT,
    "realized": QUOTIENT,
    "merge_error": QUOTIENT,
    "a_chance": QUOTIENT,
    "b_chance": QUOTIENT,
    "a_principal": Tolerance(0, principal_error),
    "b_principal": Tolerance(0, principal_error),
}
