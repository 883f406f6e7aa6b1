"""The figures of a tensor that rollups take means of, in the order of a report.

This is the one place that names them: rollups, their sweep and their tolerances follow from it.
"""

from typing import NamedTuple


class Figure(NamedTuple):
    """One scalar figure: its name in a rollup, and its path in a tensor's report.

    `resolved_only`: it counts where the subspace at k is resolved. `beside`: a chance level that
    counts where this other figure is given. `swept`: it depends on the rank, so that the sweep has
    it, too.
    """

    id: str
    path: str
    resolved_only: bool = False
    beside: str | None = None
    swept: bool = True


FIGURES = (
    Figure("nss", "geometry.nss", swept=False),
    Figure("nss_chance", "geometry.chance.nss", beside="geometry.nss", swept=False),
    Figure("nss_top_k", "geometry.nss_top_k"),
    Figure("nss_top_k_chance", "geometry.chance.nss_top_k"),
    Figure("rotation_max", "geometry.rotation_max", resolved_only=True),
    Figure("rotation_max_chance", "geometry.chance.rotation_max", resolved_only=True),
    Figure("rotation_median", "geometry.rotation_median"),
    Figure("rotation_median_chance", "geometry.chance.rotation_median"),
    Figure("off_principal_share", "geometry.off_principal_share"),
    Figure("off_principal_chance", "geometry.chance.both"),
    Figure("off_principal_left", "geometry.off_principal_left"),
    Figure("off_principal_left_chance", "geometry.chance.left"),
    Figure("off_principal_right", "geometry.off_principal_right"),
    Figure("off_principal_right_chance", "geometry.chance.right"),
    Figure("stable_rank", "update.stable_rank", swept=False),
    Figure("stable_rank_chance", "update.chance.stable_rank", swept=False),
    Figure("share_top_k", "update.share_top_k", swept=False),
    Figure("share_top_k_chance", "update.chance.share_top_k", swept=False),
)


def follow(held, path):
    """The value at a path of a tensor's report, or None where a part of the way is missing."""
    for key in path.split("."):
        if held is None:
            return None
        held = held.get(key)
    return held
