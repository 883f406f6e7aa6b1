"""Masks of principal and of low-magnitude weights, and maps.

**Sizes and intersections** within 1e-4 of the mask, and entries tied at the threshold may fall
either way. Entries of a rank-k reconstruction move relatively by the subspace's own error in
radians, which f32 products leave at 3e-7 over the relative gap at k: where that is more than 1e-4
(gaps under 3e-3), it is the tolerance of the threshold. The ranks below k are held to the same,
each with its own gap. Where no gap is left at a rank, its subspace is undefined and so is its mask.

**Maps**: bytes are equal but for cells where rounding decides, which may be off by one. The
principal mask takes its threshold from a sample, so each of its bytes must lie between those of the
smallest and the largest mask that are still right to 0.3 % of the weights. The masks are nested, so
the bytes are, too; entries may besides be off by 1e-4, as they are where the gap at k is 3e-3 or
more. Below that, and where k is not resolved, only the size of the map is held.
"""

import base64
import math

from .rows import (
    NULL,
    ROUNDING,
    SAME,
    Aid,
    Allowed,
    Cells,
    Ends,
    Tolerance,
    find_tensor,
    under,
)

BY_RANK = ("principal", "principal_not_low", "safe")
GAP = 3e-3


def mask_tolerance(alpha, parameters, near_threshold):
    """Returns by how many weights the mask of one tensor may be off."""
    return 1e-4 * math.ceil(alpha * parameters) + 2 + near_threshold


def find_entry(place):
    """Returns the masks of one alpha around a place."""
    return place.at("masks[]")


def find_sweep_point(place):
    """Returns the point of the report's own sweep that a rank of the masks belongs to."""
    return find_tensor(place).got["geometry"]["sweep"][place.at("sweep[]").key]


def is_in_sweep(place):
    """Says whether the masks are those of one rank."""
    return ".sweep[]" in place.path


def find_rank(place):
    """Returns what the report says of the rank of a mask: `resolved` and `gap`."""
    return find_sweep_point(place) if is_in_sweep(place) else find_tensor(place).got["geometry"]


def is_resolved(place):
    """Says whether the report calls the subspace of this rank defined."""
    return find_rank(place)["resolved"]


def threshold(place):
    """Returns the relative tolerance of the principal mask's threshold at one rank."""
    if find_tensor(place).got["geometry"]["exact"]:
        return 1e-4
    return max(1e-4, 3e-7 / max(find_rank(place)["gap"], 1e-12))


def weights(place):
    """Returns by how many weights a mask's size or intersection may be off."""
    masks = place.at("sweep[]") if is_in_sweep(place) else find_entry(place)
    return mask_tolerance(
        find_entry(place).want["alpha"],
        find_tensor(place).want["parameters"],
        masks.want["near_threshold"],
    )


def overlap(place):
    """Returns the overlap by the report's own counts."""
    changed = find_entry(place).got["changed"]
    return place.up.got["both"] / changed if changed else None


def density(place):
    """Returns the density by the report's own counts."""
    return place.up.got["size"] / find_tensor(place).want["parameters"]


def enrichment(place):
    """Returns the enrichment by the report's own counts."""
    found, expected = overlap(place), density(place)
    return None if found is None or not expected else found / expected


def defined(place):
    """Allows any number where the reference has one, else null."""
    return NULL if place.want is None else Allowed(0.0, math.inf, math.inf)


def mask_rows(counted, when=None):
    """Returns the rows of one mask: its counts by the row `counted`, and what follows from the
    report's own ones.

    `when` says where it must be defined just where the reference's is.
    """
    digits, is_given = 2 * ROUNDING, Ends(defined, when=when, label=" defined")
    return {
        "size": counted,
        "both": counted,
        "overlap": (Tolerance(digits, true=overlap), is_given),
        "chance": Tolerance(digits, true=density),
        "enrichment": (Tolerance(digits, true=enrichment), is_given),
    }


LOW = mask_rows(SAME)
MASK = mask_rows(Tolerance(0, weights, when=is_resolved), is_resolved)
AT_RANK = {
    "principal_threshold": Tolerance(threshold, when=is_resolved),
    "near_threshold": Aid(),
    **{f"{name}.{field}": row for name in BY_RANK for field, row in MASK.items()},
}


def last_of_sweep(place):
    """The sweep ends at k, where its masks are the entry's own."""
    last = place.got["sweep"][-1] if place.got["sweep"] else {}
    for name in ("k", "principal_threshold", *BY_RANK):
        if last.get(name) != place.got[name]:
            yield f"sweep.{name} at k is {last.get(name)} instead of {place.got[name]}"


MASKS = {
    "alpha": SAME,
    "k": Tolerance(true=lambda place: find_tensor(place).want["geometry"]["k"]),
    "changed": SAME,
    "low_threshold": Tolerance(1e-6),
    **under("low.", LOW),
    **AT_RANK,
    **under("not_principal.", MASK),
    "sweep[].k": SAME,
    **under("sweep[].", AT_RANK),
}
RULES = {"[]": [last_of_sweep]}


def decode_cells(text):
    """Returns the cells of one of the reference's maps."""
    return base64.b64decode(text)


def allow_undecided(name):
    """Returns the row of one map of the parent: cells are equal, or one off where rounding
    decides."""

    def allowed(place):
        true = decode_cells(place.want)
        undecided = set(place.up.want[f"{name}_undecided"])
        return true, true, [int(i in undecided) for i in range(len(true))]

    return Cells(allowed)


def principal_cells(place):
    """Allows cells between the smallest and the largest mask that the sample allows."""
    found = find_tensor(place).got["geometry"]
    if not (found and found["resolved"] and (found["exact"] or found["gap"] >= GAP)):
        return None
    low, high = (decode_cells(place.up.want[f"principal_{end}"]) for end in ("fewest", "most"))
    return low, high, [1] * len(low)


GRID = {name: SAME for name in ("rows", "columns", "row_group", "column_group")}
CONSENSUS_MAP = {**GRID, "all": allow_undecided("all"), "all_undecided": Aid()}
MAPS = {
    **GRID,
    "changed": allow_undecided("changed"),
    "update": allow_undecided("update"),
    "principal": Cells(principal_cells),
    "update_max": Tolerance(1e-6),
    "alpha": SAME,
    **{
        name: Aid()
        for name in (
            "changed_undecided",
            "update_undecided",
            "principal_fewest",
            "principal_most",
        )
    },
}
