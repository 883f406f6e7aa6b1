"""Value and output projections that were rotated or permuted together, head by head: what a model
computes stays the same.

Head h of the values writes V_h x, and the output projection reads it through its block of columns
O_h, so that only O_h V_h counts: R V_h with O_h R^T, R orthogonal, is the same model, and so are
heads in another order (the intervention of PNT). With grouped queries several blocks of columns
read one head of the values, and stay with it.
"""

import math

import numpy as np
from scipy.linalg import orthogonal_procrustes
from scipy.optimize import linear_sum_assignment

from .heads import place_heads

# The relative update of V from which on a layer is looked at, and what must be left of the update
# of V and O together.
LEAST, LEFT = 1e-2, 0.25


def stack_heads(v, o, heads):
    """Returns one matrix for each head of the values: V_h beside the transposes of all blocks of O
    that read it."""
    size = v.shape[0] // heads
    readers = np.split(o, o.shape[1] // size, axis=1)
    group = len(readers) // heads
    return [
        np.hstack([part, *(block.T for block in readers[h * group : (h + 1) * group])])
        for h, part in enumerate(np.split(v, heads))
    ]


def rotation(before, after):
    """Returns the orthogonal R that brings R before nearest to after (Schonemann 1966)."""
    return orthogonal_procrustes(before.T, after.T)[0].T


def distance(before, after, turned):
    """Returns |after - R before|_F with the best R, or with none."""
    return float(np.linalg.norm(after - (rotation(before, after) @ before if turned else before)))


def largest_angle(r):
    """Returns the largest angle of an orthogonal matrix in degrees: its eigenvalues are e^(i
    angle), and a reflection has one of 180."""
    return math.degrees(float(np.abs(np.angle(np.linalg.eigvals(r))).max()))


def chance(heads, size, parameters):
    """Returns what is left of a random update: free rotations move along size (size - 1) / 2
    directions for each head, and take those."""
    return math.sqrt(1 - heads * size * (size - 1) / 2 / parameters)


def classify(before, after, only_permuted, permuted):
    """Names the kind of a change in a word."""
    if after > LEFT * before:
        return "none"
    if not permuted:
        return "rotated"
    return "permuted" if only_permuted <= LEFT * before else "permuted_and_rotated"


def compare_layer(v0, v1, o0, o1, heads):
    """Returns all figures of one layer but `partner`; V is (heads * size) x inputs and O is outputs
    x (a multiple of heads * size)."""
    base, tuned = stack_heads(v0, o0, heads), stack_heads(v1, o1, heads)
    left = np.array([[distance(b, t, True) for b in base] for t in tuned])
    # The permutation with the least sum of squares; each tuned head has one head of the base.
    order = linear_sum_assignment(left**2)[1].tolist()
    permuted = order != list(range(heads))
    norm = math.hypot(*map(np.linalg.norm, base))
    before = math.hypot(*(distance(b, t, False) for b, t in zip(base, tuned)))
    after = math.hypot(*(left[h, p] for h, p in enumerate(order)))
    only_permuted = math.hypot(*(distance(base[p], tuned[h], False) for h, p in enumerate(order)))
    found = classify(before, after, only_permuted, permuted)
    return {
        "kind": found,
        "permutation": order if permuted and found != "none" else None,
        "rotation_max": max(
            largest_angle(rotation(base[p], tuned[h])) for h, p in enumerate(order)
        ),
        "update_before": before / norm,
        "update_after": after / norm,
        "chance": chance(heads, v0.shape[0] // heads, v0.size + o0.size),
    }


def function_preserving(v, o, layout_of_model):
    """Returns the figures of (base, tuned) tensors of a layer's values and outputs; None where
    there is nothing to look at.

    That is where V moved by less than LEAST, where there is no O, no layout of heads or one that
    does not fit, and where a weight is not finite.
    """
    if o is None:
        return None
    places = [
        place_heads(layout_of_model, part, sides[0].shape, False)
        for part, sides in (("v", v), ("o", o))
    ]
    if not all(places) or places[1][1] % places[0][1]:
        return None
    v0, v1, o0, o1 = (side.values() for side in (*v, *o))
    if not all(np.isfinite(w).all() for w in (v0, v1, o0, o1)) or np.linalg.norm(
        v1 - v0
    ) < LEAST * np.linalg.norm(v0):
        return None
    if not v0.any():
        return None
    return {"partner": o[0].name, **compare_layer(v0, v1, o0, o1, places[0][1])}
