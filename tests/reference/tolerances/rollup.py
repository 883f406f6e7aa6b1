"""Rollups, held twice: to the report's own tensors, and to the reference's.

The first asks whether the product adds up rightly what it found, and is tight: the report's digits
are rounded once in the tensors and once in the rollup, beside which f64 sums (n 2^-53 for n terms
of one sign) are exact. The second asks for the truth, with what the tolerances of single tensors
leave: those grow with the figure, more slowly than it, so that the j-th smallest found lies within
the tolerance of the j-th smallest true one, and mean, minimum, median and maximum have the mean,
..., maximum of the tolerances. Levels that take draws, quotients of masks and the sweep are held to
the report's own tensors alone, which are held to the truth one by one.
"""

from definitions.figures import FIGURES, OF_WHOLE_SPECTRUM
from definitions.rollup import MASKS, collect_values, rollup, spread

from .fisher import SUM as FISHER_SUM
from .geometry import ABSOLUTE_NSS, nss_relative
from .masks import mask_tolerance
from .rounding import round_tensor
from .rows import ROUNDING, SAME, Aid, Constant, Ends, Free, Part, Tolerance, allow_around, under
from .spectrum import ANGLE_FLOOR, SHARE
from .tensor import TENSOR

SUM = 2 * ROUNDING
# A rollup beside the sum of the report's own tensors, for each of its numbers.
OWN_SUM = Tolerance(SUM, 1e-15)
OWN = Free("held to the report's own tensors")
BY_ID = {figure.id: figure for figure in FIGURES}
# Figures that mean nothing where the subspace at k is not defined.
SUBSPACE = ("rotation_median", "off_principal_share", "off_principal_left", "off_principal_right")


def shift(v):
    """Returns the tolerance of NSS by its row in geometry.py."""
    return max(nss_relative(v) * v, ABSOLUTE_NSS)


def angle(v):
    """Returns the tolerance of a rotation by its row in geometry.py."""
    return max(1e-2 * v, ANGLE_FLOOR)


def share(v):
    """Returns the tolerance of an off-principal share."""
    return SHARE


def thousandth(v):
    """Returns the tolerance of a figure of the update."""
    return 1e-3 * v


# The tolerance of one tensor's figure by its value, where its row is not a pair of constants.
BY_VALUE = {
    "nss": shift,
    "nss_top_k": shift,
    "rotation_max": angle,
    "rotation_median": angle,
    "off_principal_share": share,
    "off_principal_left": share,
    "off_principal_right": share,
    "stable_rank": thousandth,
    "share_top_k": thousandth,
}


def find_tolerance(figure):
    """Returns the tolerance of a figure as a function of its value.

    It is None where the value alone does not tell it: where draws decide, or a function of the
    place.
    """
    row = TENSOR[figure.path]
    constant = isinstance(row, Tolerance) and not (callable(row.relative) or callable(row.absolute))
    if figure.id in BY_VALUE or not constant:
        return BY_VALUE.get(figure.id)
    # The rollup's own digits come on top.
    return lambda v: max(row.relative * v, row.absolute) + ROUNDING * v


def find_members(place):
    """Returns the reference's tensors in the group around a place, and the same as W1 in float32
    gives."""
    while not isinstance(place.want, dict) or "members" not in place.want:
        place = place.up
    return place.want["members"], place.rounded["members"]


def is_subspace_defined(tensors):
    """Says whether every matrix of a group has its subspace resolved."""
    return all(t["geometry"].get("resolved", True) for t in tensors if t["geometry"])


def is_held(place):
    """Says whether a figure's spread is compared with the truth."""
    name = place.up.key
    return find_tolerance(BY_ID[name]) is not None and (
        name not in SUBSPACE or is_subspace_defined(find_members(place)[0])
    )


def spread_of_tolerances(place):
    """Allows the mean, ..., maximum of a figure to be off by that of the tensors' tolerances."""
    figure = BY_ID[place.up.key]
    true, rounded = (collect_values(tensors, figure) for tensors in find_members(place))
    allowed = spread([find_tolerance(figure)(v) for v in true])[place.key]
    left = max(abs(r - w) for r, w in zip(rounded, true, strict=True))
    return allow_around(place.want, allowed + left)


def select_masked(place):
    """Returns the tensors of the group that have masks."""
    return [t for t in find_members(place)[0] if t["masks"]]


def are_masks_defined(place):
    """Says whether the subspace of every mask of the group is resolved."""
    return is_subspace_defined(select_masked(place))


def weights(place):
    """Returns by how much a sum of counts may be off: by the sum of what its terms may be."""
    i = place.at("masks[]").key
    return sum(
        mask_tolerance(t["masks"][i]["alpha"], t["parameters"], t["masks"][i]["near_threshold"])
        for t in select_masked(place)
    )


SPREAD = {
    "count": SAME,
    **{part: Ends(spread_of_tolerances, when=is_held) for part in ("mean", "min", "median", "max")},
}
COUNTED = {
    "size": Tolerance(0, weights, when=are_masks_defined),
    "both": Tolerance(0, weights, when=are_masks_defined),
}
QUOTIENTS = {name: OWN for name in ("overlap", "chance", "enrichment")}
MASK_ROWS = {
    name: {**({"size": SAME, "both": SAME} if name == "low" else COUNTED), **QUOTIENTS}
    for name in MASKS
}
COUNTS = ("key", "tensors", "matrices", "parameters", "unchanged", "bit_equal", "non_finite")
ROLLUP = {
    **{name: SAME for name in COUNTS},
    **{name: Tolerance(SUM) for name in ("sparsity_bf16", "sparsity_abs", "hidden_by_bf16")},
    "relative_update": Tolerance(1e-6),
    "max_abs_update": Tolerance(1e-6),
    "kl_quadratic": Tolerance(FISHER_SUM),
    "kl_share": Tolerance(2 * FISHER_SUM),
    "spectral": Part(any_key=True),
    **under("spectral.*.", SPREAD),
    "masks[].alpha": SAME,
    "masks[].changed": SAME,
    **{
        f"masks[].{mask}.{name}": row
        for mask, rows in MASK_ROWS.items()
        for name, row in rows.items()
    },
    "sweep[].k": SAME,
    "sweep[].matrices": SAME,
    "sweep[].spectral": OWN,
    "sweep[].principal": OWN,
    "listed": Constant(None),
    "members": Aid(),
}


def adopt_choices(want, got):
    """Returns the reference's tensor with the product's choice of what counts: figures of the whole
    spectrum only where exact, rotation where resolved."""
    g, w = got and got.get("geometry"), want["geometry"]
    if not (isinstance(g, dict) and w):
        return want
    return {
        **want,
        "geometry": {
            **w,
            **({} if g.get("exact") else dict.fromkeys(OF_WHOLE_SPECTRUM)),
            "resolved": g.get("resolved", True),
        },
    }


def make_truth(key, tensors):
    """Returns a group's rollup with the tensors that it is made from."""
    return {**rollup(key, tensors), "members": tensors}


def make_true_and_rounded(key, want, found):
    """Returns the rollup of the reference's tensors, and what W1 in float32 gives.

    `found` maps names to the report's tensors.
    """
    rounded = [round_tensor(t) for t in want]
    sides = (
        [adopt_choices(t, found.get(t["name"])) for t in tensors] for tensors in (want, rounded)
    )
    return tuple(make_truth(key, tensors) for tensors in sides)
