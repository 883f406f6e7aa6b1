"""The tolerance of every field in the report of one tensor."""

from .basis_change import BASIS_CHANGE
from .fisher import FISHER
from .geometry import GEOMETRY
from .geometry import RULES as GEOMETRY_RULES
from .heads import HEADS_ROWS
from .masks import MAPS, MASKS
from .masks import RULES as MASKS_RULES
from .precision import PRECISION
from .rows import SAME, Aid, Constant, Free, Part, under
from .update import ADAPTER, UPDATE


def has_geometry(place):
    """Says whether both sides have a geometry, which masks are made from."""
    return bool(place.up.got["geometry"] and place.up.want["geometry"])


def says_why_not(place):
    """The note says why a matrix has no geometry, where the reference has none either."""
    without = place.got["geometry"] is None and place.want["geometry"] is None
    if without and len(place.want["shape"]) == 2 and not place.got["geometry_note"]:
        yield "geometry_note is missing where there is no geometry"


TENSOR = {
    "name": SAME,
    "layer": SAME,
    "module": SAME,
    "shape": SAME,
    "transposed": SAME,
    "dtype": SAME,
    "dtype_base": SAME,
    "dtype_tuned": SAME,
    "parameters": SAME,
    "quantized": SAME,
    "status": Constant("done"),
    "error": Constant(None),
    "seconds": Free("time"),
    "fisher_note": Free("a sentence"),
    "geometry_note": Free("a sentence; `says_why_not` holds where there must be one"),
    "listed": Constant(None),
    "cast": Free("told by the crate's own tests", optional=True),
    "figures_note": Free("a sentence on what no number holds", optional=True),
    "rounded": Aid(),
    **under("precision.", PRECISION),
    **under("update.", UPDATE),
    **under("geometry.", GEOMETRY),
    "masks": Part(when=has_geometry),
    **under("masks[].", MASKS),
    **under("maps.", MAPS),
    **under("heads.", HEADS_ROWS),
    **under("fisher.", FISHER),
    **under("adapter.", ADAPTER),
    **under("function_preserving.", BASIS_CHANGE),
}
RULES = {
    "": [says_why_not],
    **under(".geometry", GEOMETRY_RULES),
    **under(".masks", MASKS_RULES),
}
