"""Sparse deltas without their base: counts are equal, their quotients err by a report's digits."""

from .masks import CONSENSUS_MAP
from .rows import DIGITS, DISPERSED, SAME, Constant, Free, under

SAME_AS_REFERENCE = (
    "name",
    "layer",
    "module",
    "shape",
    "transposed",
    "dtype",
    "dtype_base",
    "dtype_tuned",
    "parameters",
    "status",
)
NEEDS_BASE = (
    "precision",
    "update",
    "geometry",
    "maps",
    "heads",
    "fisher",
    "quantized",
    "adapter",
    "function_preserving",
)
TENSOR = {
    **{name: SAME for name in SAME_AS_REFERENCE},
    **{name: Constant(None) for name in NEEDS_BASE},
    "masks": Constant([]),
    "geometry_note": Free("a sentence; `says_what_is_missing` holds that there is one"),
    "fisher_note": Constant(None),
    "cast": Free("takes a base", optional=True),
    "figures_note": Free("takes a base", optional=True),
    "error": Free("a sentence; `error_where_failed` holds when there is one"),
    "seconds": Free("time"),
    "listed.changed": SAME,
    "listed.density": DIGITS,
    **under("listed.row_density.", DISPERSED),
    **under("listed.column_density.", DISPERSED),
    **under("listed.map.", CONSENSUS_MAP),
}
ZERO = ("tensors", "matrices", "parameters", "unchanged", "bit_equal", "non_finite")
NULL = ("sparsity_bf16", "sparsity_abs", "hidden_by_bf16", "relative_update")
ROLLUP = {
    "key": SAME,
    **{name: Constant(0) for name in (*ZERO, "max_abs_update")},
    **{name: Constant(None) for name in (*NULL, "kl_quadratic", "kl_share")},
    "spectral": Constant({}),
    "masks": Constant([]),
    "sweep": Constant([]),
    "listed.tensors": SAME,
    "listed.changed": SAME,
    "listed.parameters": SAME,
    "listed.density": DIGITS,
}


def says_what_is_missing(place):
    """The note says why there is no geometry."""
    if not place.got["geometry_note"]:
        yield "geometry_note does not say what is missing"


def error_where_failed(place):
    """There is a sentence where the tensor failed, else null."""
    if (place.got["status"] == "failed") != bool(place.got["error"]):
        yield f"error is {place.got['error']} at status {place.got['status']}"


RULES = {"runs[].tensors[]": [says_what_is_missing, error_where_failed]}
