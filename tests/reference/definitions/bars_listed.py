"""Bars of sparse deltas without their base: counts are equal, their quotients err by the rounding of the report's digits."""

from . import bars_maps, bars_overlaps, bars_profile
from .bars_runs import runs
from .bars_spectral import ROUNDING

SAME = (
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
# What needs the base.
NOTHING = (
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
ZERO = (
    "tensors",
    "matrices",
    "parameters",
    "unchanged",
    "bit_equal",
    "non_finite",
    "max_abs_update",
)
NULL = (
    "sparsity_bf16",
    "sparsity_abs",
    "hidden_by_bf16",
    "relative_update",
    "kl_quadratic",
    "kl_share",
)


def listed(ledger, got, want):
    """`listed` of one tensor."""
    ledger.equal("listed defined", got is not None, want is not None)
    if got is None or want is None:
        return
    ledger.equal("listed.changed", got["changed"], want["changed"])
    ledger.near("listed.density", got["density"], want["density"], ROUNDING)
    for name in ("row_density", "column_density"):
        bars_profile.profile(ledger, f"listed.{name}", got[name], want[name])
        if got[name] and want[name]:
            # As precision's: a variance of numbers that are nearly equal.
            ledger.near(
                f"listed.{name}.dispersion",
                got[name]["dispersion"],
                want[name]["dispersion"],
                1e-6,
                1e-9,
            )
    if bars_maps.same_grid(ledger, "listed.map", got["map"], want["map"]):
        bars_maps.agree(ledger, "listed.map", got["map"], want["map"], "all")


def tensor(ledger, got, want):
    """One tensor of one run."""
    for name in SAME:
        ledger.equal(name, got[name], want[name])
    for name in NOTHING:
        ledger.equal(f"{name} without a base", got[name], None)
    ledger.equal("masks", got["masks"], [])
    if not got["geometry_note"]:
        ledger.fail("geometry_note", "does not say what is missing")
    listed(ledger, got["listed"], want["listed"])


def rollup(ledger, got, want):
    """One group: sums of what is listed, and nothing else."""
    ledger.equal("rollup.key", got["key"], want["key"])
    for name in ZERO:
        ledger.equal(f"rollup.{name} without a base", got[name], 0)
    for name in NULL:
        ledger.equal(f"rollup.{name} without a base", got[name], None)
    ledger.equal(
        "rollup.spectral and masks without a base", (got["spectral"], got["masks"]), ({}, [])
    )
    ledger.equal("rollup.listed defined", got["listed"] is not None, want["listed"] is not None)
    if got["listed"] and want["listed"]:
        for name in ("tensors", "changed", "parameters"):
            ledger.equal(f"rollup.listed.{name}", got["listed"][name], want["listed"][name])
        ledger.near(
            "rollup.listed.density", got["listed"]["density"], want["listed"]["density"], ROUNDING
        )


def overlap(ledger, got, want):
    """One entry; no inner products."""
    for name in bars_overlaps.COUNTS:
        ledger.equal(f"overlaps.{name}", got[name], want[name])
    for name, bar in bars_overlaps.BARS.items():
        bars_overlaps.each(ledger, name, got[name], want[name], bar)
    for name in ("dot", "cosine", "steps"):
        ledger.equal(f"overlaps.{name} without a base", got[name], want.get(name))
    for name in ("row_consensus", "column_consensus"):
        bars_profile.profile(ledger, f"overlaps.{name}", got[name], want[name])
    bars_maps.consensus(ledger, got, want)


def report(ledger, got, want):
    """All runs of two reports."""
    ledger.equal("base", got["base"], None)
    ledger.equal("fisher", got["fisher"], None)
    ledger.equal("settings.map_side", got["settings"]["map_side"], want["settings"]["map_side"])
    for i, g, w in runs(ledger, got, want, tensor):
        for kind in ("layers", "modules"):
            ledger.where = f"run {i} {kind}"
            ledger.equal("rollup keys", [r["key"] for r in g[kind]], [r["key"] for r in w[kind]])
            for one in zip(g[kind], w[kind]):
                rollup(ledger, *one)
        ledger.where = f"run {i} model"
        rollup(ledger, g["model"], w["model"])
    bars_overlaps.overlaps(ledger, got, want, overlap)
