"""Bars of masks: sizes and intersections within 1e-4 of the mask, and entries tied at the threshold may fall either way.

Entries of a rank-k reconstruction move relatively by the subspace's own error in radians, which f32 products leave at 3e-7 over
the relative gap at k: where that is more than 1e-4 (gaps under 3e-3), it is the threshold's bar. The ranks below k are held to
the same, each with its own gap. Where no gap is left at a rank, its subspace is undefined and so is its mask.
"""

import math

BY_RANK = ("principal", "principal_not_low", "safe")
MASKS = ("principal", "low", "principal_not_low", "not_principal", "safe")


def mask_bar(want, parameters):
    """Weights by which a mask of one tensor may be off; `want` has the mask's alpha and its entries near the threshold."""
    return 1e-4 * math.ceil(want["alpha"] * parameters) + 2 + want["near_threshold"]


def counts(ledger, metric, got, want, allowed):
    """Of one mask."""
    for part in ("size", "both"):
        ledger.near(f"{metric}.{part}", got[part], want[part], 0, allowed)
    for part in ("overlap", "enrichment"):
        ledger.equal(f"{metric}.{part} defined", got[part] is None, want[part] is None)


def threshold(ledger, metric, got, want, exact, gap):
    """Of the principal mask at one rank."""
    subspace = 0.0 if exact else 3e-7 / max(gap, 1e-12)
    ledger.near(
        metric, got["principal_threshold"], want["principal_threshold"], max(1e-4, subspace)
    )


def sweep(ledger, got, want, parameters, geometry):
    """Every rank, as far as its subspace is defined; the last one is the entry's own."""
    mine = got["sweep"]
    ledger.equal("masks.sweep ranks", [p["k"] for p in mine], [p["k"] for p in want["sweep"]])
    for g, w, point in zip(mine, want["sweep"], geometry["sweep"]):
        if point["resolved"]:
            threshold(
                ledger, "masks.sweep.principal_threshold", g, w, geometry["exact"], point["gap"]
            )
            for name in BY_RANK:
                counts(
                    ledger,
                    f"masks.sweep.{name}",
                    g[name],
                    w[name],
                    mask_bar({**want, **w}, parameters),
                )
    for name in ("k", "principal_threshold", *BY_RANK):
        ledger.equal(f"masks.sweep.{name} at k", mine[-1][name] if mine else None, got[name])


def entry(ledger, got, want, parameters, geometry):
    """Of one alpha."""
    resolved = geometry["resolved"]
    ledger.equal("masks.changed", got["changed"], want["changed"])
    ledger.near("low_threshold", got["low_threshold"], want["low_threshold"], 1e-6)
    if resolved:
        threshold(ledger, "principal_threshold", got, want, geometry["exact"], geometry["gap"])
    for name in MASKS if resolved else ("low",):
        counts(
            ledger, name, got[name], want[name], 0 if name == "low" else mask_bar(want, parameters)
        )
    sweep(ledger, got, want, parameters, geometry)


def masks(ledger, got, want, parameters, geometry):
    """One entry for each alpha."""
    if "sweep" not in geometry:
        return ledger.fail("masks.sweep", "geometry.sweep, which says what is resolved, is missing")
    ledger.equal("masks", [m["alpha"] for m in got], [m["alpha"] for m in want])
    for g, w in zip(got, want):
        with ledger.fields("masks."):
            entry(ledger, g, w, parameters, geometry)
