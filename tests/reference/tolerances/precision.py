"""Holds what the stored precision shows of an update: counts are equal, shares are their
quotients."""

from .rows import DIGITS, DISPERSED, SAME, Part, Tolerance, under


def finite(place):
    """Says whether all weights are finite: a NaN has no place in an order of magnitudes."""
    return not place.up.want["non_finite"]


def same_upper(place):
    """Says whether `upper` agrees, to which `half_ulp` belongs; weights that straddle may change
    it."""
    return place.up.got["upper"] == place.up.want["upper"]


DECILES = {
    # The group's end may fall to either of two neighbouring bf16 numbers, 2^-7 apart.
    "upper": Tolerance(1e-2),
    "changed": Tolerance(0, 2e-2),
    "mean_abs_update": Tolerance(2e-2, 1e-12),
    "half_ulp": Tolerance(1e-6, when=same_upper),
}
PRECISION = {
    "unchanged": SAME,
    "bit_equal": SAME,
    "unchanged_stored": SAME,
    "non_finite": SAME,
    "ulp_histogram": SAME,
    "sparsity_bf16": DIGITS,
    "sparsity_abs": DIGITS,
    "hidden_by_bf16": DIGITS,
    **under("row_density.", DISPERSED),
    **under("column_density.", DISPERSED),
    "magnitude_deciles": Part(when=finite),
    **under("magnitude_deciles[].", DECILES),
}
