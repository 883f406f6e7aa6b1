"""Along the spectrum of W0, and the sines of principal angles.

**Shares of a block** of directions. A block's projector is a difference of two principal subspaces,
so it errs by no more than the sum t of both subspaces' errors as sines, and
|U_b^T D V_c|_F / |D|_F by t_b sqrt(right_c) + t_c sqrt(left_b) + t_b t_c, a share p = x^2 by
2 x e + e^2 with that error e. A subspace errs by 1e-3 degrees where its gap is 2e-3 or more (the
tolerance of the principal subspaces), below that by 3e-7 over the gap, as f32 products leave it.
From an f64 Gram matrix it errs by N 2^-53 s_1^2 / (s_k^2 - s_{k+1}^2) for N terms,
1e-12 (s_1 / s_k)^2 / gap for N up to 10^4. Nor may shares sum up to worse than the off-principal
ones, whose tolerance is 1e-5 at each edge.

**Sines.** As the largest angle: 1 %, or 1 % of 1e-3 degrees each.

**Chance of the sines.** A relative error e of the singular values changes a term by no more than
2 e + 4 e (s_k^2 + s_{k+1}^2) / (s_k^2 - s_{k+1}^2), and its root by half of that. e is 1e-6 where
all are known, and 5e-6 (the tolerance of the gap) where the values beyond k are estimates. Where
only the first k + 1 or more are known, the interval must hold the truth and lie inside that of
k + 1 known values.
"""

import itertools
import math

import numpy as np

from definitions import chance

from .rows import NULL, SAME, Allowed, Ends, Part, Tolerance, find_geometry, find_tensor

# 1 % of 1e-3 degrees, from where on 1 % is asked for.
ANGLE_FLOOR = 1e-5
SHARE = 1e-5
# Chance levels divide norms, which have a tolerance of 1e-6 each.
NORMS = 2e-6
# An error of a subspace, as a sine, from which on blocks cannot be told apart.
UNDEFINED = 0.05


def subspace_error(s, k, exact):
    """Returns the error of the rank-k subspaces, as a sine."""
    gap = 1 - (s[k] if k < len(s) else 0.0) / s[k - 1]
    if gap <= 0:
        return 1.0
    if exact:
        return min(1.0, 1e-12 * (s[0] / s[k - 1]) ** 2 / gap)
    return math.radians(1e-3) if gap >= 2e-3 else min(1.0, 3e-7 / gap)


def edge_errors(place):
    """Returns the errors of the subspaces at both ends of the blocks, from 0 up, as sines."""
    found, true = place.got, place.want
    return [0.0] + [
        subspace_error(true["spectrum_base"], k, found["exact"])
        for k in true["along_spectrum"]["edges"]
    ]


def share_tolerance(place, error_of, edges):
    """Returns the tolerance of one share, whose root errs by `error_of(errors of blocks)`; `edges`
    bound its block."""
    at = edge_errors(find_geometry(place))
    error = error_of([a + b for a, b in itertools.pairwise(at)])
    bound = 2 * math.sqrt(place.want) * error + error**2 + NORMS * place.want
    return max(min(bound, edges * SHARE if max(at) < UNDEFINED else 1.0), 1e-15)


def side_share(place):
    """Returns the tolerance of a block on one side, which two edges bound."""
    return share_tolerance(place, lambda t: t[place.key], 2)


def core_share(place):
    """Returns the tolerance of a block on both sides, which four edges bound."""
    b, c, true = place.up.key, place.key, place.at("along_spectrum").want

    def error(t):
        return t[b] * math.sqrt(true["right"][c]) + t[c] * math.sqrt(true["left"][b]) + t[b] * t[c]

    return share_tolerance(place, error, 4)


ALONG_SPECTRUM = {
    "edges": SAME,
    "left[]": Tolerance(0, side_share),
    "right[]": Tolerance(0, side_share),
    "core[][]": Tolerance(0, core_share),
}


def is_resolved(place):
    """Says whether the report calls its subspace at k defined."""
    return find_geometry(place).got["resolved"]


def is_unmoved(true):
    """Says whether neither values nor subspaces of a geometry moved."""
    return true["nss"] == true["rotation_max"] == 0


def sine_floor(place):
    """Returns 1 % of 1e-3 degrees in each of k angles; exactly 0 where nothing moved."""
    true = find_geometry(place).want
    return 0 if is_unmoved(true) else math.radians(ANGLE_FLOOR) * math.sqrt(true["k"])


def sine_interval(place):
    """Allows one end of [low, high]: around the truth, and inside the widest that is allowed."""
    if place.want is None:
        return NULL
    mine, true = find_geometry(place).got, find_geometry(place).want
    s, k = np.array(true["spectrum_base"]), true["k"]
    inner, outer = s[k - 1] ** 2, s[k] ** 2 if k < s.size else 0.0
    error = 1e-6 if mine["exact"] else 5e-6
    relative = NORMS + (
        error * (1 + 2 * (inner + outer) / (inner - outer)) if inner > outer else math.inf
    )
    slack = relative * place.want + 1e-15
    known = s.size if mine["exact"] else min(k + 1, s.size)
    shape, size = (
        find_tensor(place).want["shape"],
        find_tensor(place).want["update"]["frobenius_update"],
    )
    sides = chance.sine_norms(s, shape, k, size, known)
    widest = sides[0 if place.up.path.endswith("left") else 1]
    if place.key == 0:
        return Allowed(place.want, place.want - widest[0] + slack, slack)
    return Allowed(place.want, slack, widest[1] - place.want + slack)


SIN_THETA = {
    "left": Tolerance(1e-2, sine_floor, when=is_resolved),
    "right": Tolerance(1e-2, sine_floor, when=is_resolved),
    "chance_left": Part(when=is_resolved),
    "chance_left[]": Ends(sine_interval),
    "chance_right": Part(when=is_resolved),
    "chance_right[]": Ends(sine_interval),
}


def known_ends(place):
    """Where the whole spectrum is known, both ends of an interval are one number."""
    if place.got and place.got["resolved"] and place.got["exact"] and place.got["sin_theta"]:
        for name in ("chance_left", "chance_right"):
            span = place.got["sin_theta"][name]
            if span and span[0] != span[1]:
                yield f"sin_theta.{name} of a known spectrum is {span}"
