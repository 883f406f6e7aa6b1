"""Says what a report may differ by from the reference: one row for every field, its reason beside
it.

`TABLE` maps the path of a field to its row, and `RULES` the path of an object to what must hold
among its fields. A field without a row makes the comparison fail. `LISTED` and `LISTED_RULES` are
those of sparse deltas without their base.
"""

from . import listed, rollup, tensor
from .overlap import OVERLAP, STEPS
from .rows import SAME, Constant, Free, Part, Same, under

OF_FILES = Free("about files, not figures")
OF_MACHINE = Free("about the machine and the program")


def list_reasons(left_out):
    """Returns the names of what was left out, with the reason; the sentence beside them is free."""
    return sorted({(entry["name"], entry["reason"]) for entry in left_out})


def build_table(tensors, rollups, settings):
    """Returns a table of the whole report."""
    return {
        "format": OF_MACHINE,
        "version": OF_MACHINE,
        "generator": OF_MACHINE,
        "created": OF_MACHINE,
        "backend": OF_MACHINE,
        "timings": Free("time"),
        "partial": Constant(None),
        "check": Free("held by tests of the crate and of the program", optional=True),
        "shortened": Free("of more than 2000 matrices, which no fixture has", optional=True),
        **under("settings.", settings),
        "runs[].checkpoint": OF_FILES,
        "runs[].delta": OF_FILES,
        "runs[].comparison": Free("a setting"),
        "runs[].left_out": Same(extract=list_reasons),
        "runs[].renamings": Free("of names, which the fixtures share", optional=True),
        "runs[].coverage": Free("counts of headers, which the crate's own tests hold"),
        "runs[].cast": Free("told by the crate's own tests", optional=True),
        "runs[].tensors": Part(key="name", ordered=False),
        **under("runs[].tensors[].", tensors),
        "runs[].layers": Part(key="key"),
        "runs[].modules": Part(key="key"),
        **{
            f"runs[].{group}.{path}": row
            for group in ("layers[]", "modules[]", "model")
            for path, row in rollups.items()
        },
        "overlaps": Part(key="name", ordered=False),
        **under("overlaps[].", OVERLAP),
    }


CHOICES = (
    "backend",
    "comparison",
    "exact_limit",
    "function_preserving",
    "layers",
    "rename",
    "seed",
)
FIGURES_OF = ("k", "alphas", "eta", "abs_tolerance", "map_side")
TABLE = {
    **build_table(
        tensor.TENSOR,
        rollup.ROLLUP,
        {
            # Figures at another k, alpha or tolerance are other quantities.
            **{name: SAME for name in FIGURES_OF},
            **{name: Free("chooses a route, not a figure") for name in CHOICES},
        },
    ),
    "base": OF_FILES,
    "fisher": OF_FILES,
    **under("overlaps[].", STEPS),
}
RULES = under("runs[].tensors[]", tensor.RULES)
LISTED = {
    **build_table(
        listed.TENSOR,
        listed.ROLLUP,
        {
            "map_side": SAME,
            **{
                name: Free("needs a base") for name in (*FIGURES_OF, *CHOICES) if name != "map_side"
            },
        },
    ),
    "base": SAME,
    "fisher": Constant(None),
    "overlaps[].steps": Constant(None),
}
LISTED_RULES = listed.RULES
