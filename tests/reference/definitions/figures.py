"""The scalar figures of a tensor, as docs/figures.json lists them.

Rollups, their sweep, their tolerances and the table of accuracy follow from it. What a figure is
worth stands in the other files of this folder alone.
"""

import json
from pathlib import Path
from typing import NamedTuple

TABLE = json.loads((Path(__file__).parents[3] / "docs/figures.json").read_text())["figures"]


class Figure(NamedTuple):
    """Describes one figure that rollups take the mean of: its name there, and its path in a
    tensor's report.

    `resolved_only`: it counts where the subspace at k is resolved. `beside`: a chance level that
    counts where this other figure is given. `swept`: it depends on the rank, so that the sweep has
    it, too.
    """

    id: str
    path: str
    resolved_only: bool
    beside: str | None
    swept: bool


def list_figures(row):
    """Yields a figure and its chance level, if its mean is in rollups."""
    if row["rollup"] != "mean":
        return
    yield Figure(row["id"], row["path"], row["resolved_only"], None, row["sweep"])
    chance = row["chance"]
    if chance and chance["path"] and not chance["ends"]:
        beside = None if chance["of_all_matrices"] else row["path"]
        yield Figure(chance["name"], chance["path"], row["resolved_only"], beside, row["sweep"])


FIGURES = tuple(figure for row in TABLE for figure in list_figures(row))
# Figures of the geometry that only the whole spectrum tells: else an interval encloses them.
OF_WHOLE_SPECTRUM = tuple(
    row["path"].removeprefix("geometry.")
    for row in TABLE
    if row["family"] == "geometry" and row["interval"]
)
# Every path that the table names.
PATHS = tuple(
    dict.fromkeys(
        path.replace("[]", "")
        for row in TABLE
        for path in (row["path"], row["chance"] and row["chance"]["path"])
        if path
    )
)


def follow(report, path):
    """Returns the value at a path of a tensor's report, or None where a part of the way is
    missing."""
    for key in path.split("."):
        if report is None:
            return None
        report = report.get(key)
    return report
