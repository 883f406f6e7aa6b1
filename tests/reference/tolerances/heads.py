"""Attention heads, whose blocks are decomposed in full in f64 on every route.

A singular value from an SVD errs by about 2^-53 s_1 times the side, one from a Gram matrix by the
square root of that where it is close to 0; NSS is asked for to 1e-6 of itself or 1e-11. Angles have
the uncertainty that the product states for exact matrices, 5e-6 degrees + rotation (1e-6 + 1e-9 /
gap), and what the same rounding turns an unmoved subspace by, 1e-12 degrees over the gap. The gap
is the smaller one of base and tuned.
"""

import math

from .chance import HEADS, UNCERTAIN, mean, noise
from .geometry import ABSOLUTE_NSS
from .rows import DIGITS, NULL, SAME, Aid, Ends, Tolerance
from .spectrum import NORMS

NSS, ANGLE = 1e-6, 5e-6


def shift_floor(place):
    """Returns exactly 0 for a head that nothing changed, else the floor of NSS."""
    return 0.0 if place.want == 0 else ABSOLUTE_NSS


def gap(place):
    """Returns the smaller gap of base and tuned, for the head at a place."""
    heads = place.up.up.want
    return max(min(heads["gap"][place.key], heads["gap_tuned"][place.key]), 1e-15)


def rotation_relative(place):
    """Returns the relative uncertainty as the product states it, less the floor."""
    return 1e-6 + 1e-9 / gap(place)


def rotation_floor(place):
    """Returns exactly 0 for a head that nothing changed, else what rounding turns it by."""
    return 0.0 if place.want == 0 else ANGLE + 1e-12 / gap(place)


def chance_error(place):
    """Returns the relative error of a random update's rotation, by that of the gap."""
    size = place.up.up.want["gap"][place.key]
    return 2 * HEADS / size if size else math.inf


def is_certain(place):
    """Says whether the gap of the head is known well enough to compare."""
    return chance_error(place) <= UNCERTAIN


def rotation_chance(place):
    """Allows what a mean over draws of the largest angle of one head may be."""
    if place.want is None:
        return NULL
    heads = place.up.up.want
    return mean(
        place.want,
        heads["rotation_chance_deviation"][place.key],
        heads["draws"],
        chance_error(place),
        noise(place.want),
    )


HEADS_ROWS = {
    "axis": SAME,
    "count": SAME,
    "size": SAME,
    "k": SAME,
    "labels": SAME,
    "density[]": DIGITS,
    "gap[]": Tolerance(0, HEADS),
    "gap_tuned": Aid(),
    "nss[]": Tolerance(NSS, shift_floor),
    "rotation[]": Tolerance(rotation_relative, rotation_floor),
    "nss_chance[]": Tolerance(NORMS),
    "rotation_chance[]": Ends(rotation_chance, when=is_certain),
    "rotation_chance_deviation": Aid(),
    "draws": Aid(),
}
