"""Bars of counts and sizes, and the walk over two reports."""

from . import (
    bars_adapter,
    bars_fisher,
    bars_formats,
    bars_heads,
    bars_maps,
    bars_masks,
    bars_overlaps,
    bars_preserving,
    bars_profile,
    bars_rollup,
    bars_spectral,
    bars_spectrum,
)
from .bars_runs import runs
from .bars_spectral import ROUNDING

COUNTS = ("unchanged", "bit_equal", "unchanged_stored", "non_finite", "ulp_histogram")
SHARES = ("sparsity_bf16", "sparsity_abs", "hidden_by_bf16")


def precision(ledger, got, want):
    """Counts are equal; shares are quotients of counts, rounded."""
    for name in COUNTS:
        ledger.equal(name, got[name], want[name])
    for name in SHARES:
        ledger.near(name, got[name], want[name], ROUNDING)
    for name in ("row_density", "column_density"):
        bars_profile.profile(ledger, name, got[name], want[name])
        if got[name] and want[name]:
            ledger.near(
                f"{name}.dispersion", got[name]["dispersion"], want[name]["dispersion"], 1e-6, 1e-9
            )
    if want["non_finite"]:
        return  # where NaN stands in an order of magnitudes nobody has defined
    ledger.equal("deciles", len(got["magnitude_deciles"]), 10)
    for g, w in zip(got["magnitude_deciles"], want["magnitude_deciles"]):
        ledger.near("decile.upper", g["upper"], w["upper"], 1e-2)
        ledger.near("decile.changed", g["changed"], w["changed"], 0, 2e-2)
        ledger.near(
            "decile.mean_abs_update", g["mean_abs_update"], w["mean_abs_update"], 2e-2, 1e-12
        )
        if g["upper"] == w["upper"]:
            ledger.near("decile.half_ulp", g["half_ulp"], w["half_ulp"], 1e-6)


def update(ledger, got, want, rounded, k, exact):
    """Sizes of the update. `exact` says that the product decomposed this matrix in full."""
    if got is None:
        return ledger.fail("update", "missing")
    for name in ("frobenius_base", "frobenius_update", "relative_update", "max_abs_update"):
        ledger.near(name, got[name], want[name], 1e-6, 0, rounded[name])
    for name in ("spectral_norm", "stable_rank"):
        ledger.near(name, got[name], want[name], 1e-3)
    if exact:
        ledger.near("rank_share", got["rank_share"], want["rank_share"], ROUNDING)
        ledger.near("entropy_rank", got["entropy_rank"], want["entropy_rank"], 1e-3)
    ledger.near("share_top_k", got["share_top_k"], want["share_top_k"], 1e-3)
    for g, w in list(zip(got["spectrum"], want["spectrum"]))[:k]:
        # The error is a share of the report's own value: the true one may be nothing.
        ledger.near(
            "update.spectrum",
            g,
            w,
            1e-6,
            max(1e-9 * want["spectrum"][0], (got["spectrum_error"] or 0.0) * g),
        )


def tensor(ledger, got, want):
    """One tensor."""
    for name in ("layer", "module", "shape", "transposed", "dtype", "parameters"):
        ledger.equal(name, got[name], want[name])
    ledger.equal("status", got["status"], "done")
    if got["status"] != "done":
        return
    bars_formats.formats(ledger, got, want)
    precision(ledger, got["precision"], want["precision"])
    bars_fisher.fisher(ledger, got, want)
    bars_adapter.adapter(ledger, got, want)
    bars_preserving.function_preserving(ledger, got, want)
    geometry, rounded = got["geometry"], bars_adapter.rounded(want)
    bars_heads.heads(ledger, got, want, rounded)
    bars_spectral.geometry(ledger, geometry, want["geometry"], rounded["geometry"])
    if (
        geometry is None
        and want["geometry"] is None
        and len(want["shape"]) == 2
        and not got["geometry_note"]
    ):
        ledger.fail("geometry_note", "missing where there is no geometry")
    k = want["geometry"]["requested_k"] if want["geometry"] else 0
    update(
        ledger,
        got["update"],
        want["update"],
        rounded["update"],
        k,
        bool(geometry and geometry["exact"]),
    )
    bars_spectrum.spectrum(ledger, got, want, rounded)
    bars_maps.maps(ledger, got, want)
    if geometry and want["geometry"]:
        bars_masks.masks(ledger, got["masks"], want["masks"], want["parameters"], geometry)


def settings(ledger, got, want):
    """Figures at another k, alpha or tolerance are other quantities."""
    with ledger.fields("settings."):
        for name in want:
            ledger.equal(f"settings.{name}", got[name], want[name])


def report(ledger, got, want):
    """All runs of two reports."""
    settings(ledger, got["settings"], want["settings"])
    for i, g, w in runs(ledger, got, want, tensor):
        bars_rollup.rollups(ledger, g, w, f"run {i}", bars_masks.mask_bar)
    bars_overlaps.overlaps(ledger, got, want)
