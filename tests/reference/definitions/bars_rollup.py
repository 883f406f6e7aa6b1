"""Bars of the rollups, held twice: to the report's own tensors, and to the reference's.

The first asks whether the product adds up rightly what it found, and is tight: the report's digits are rounded once in
the tensors and once in the rollup, beside which f64 sums (n * 2^-53 for n terms of one sign) are exact. The second asks for the truth, with what the bars of single
tensors leave: those bars grow with the figure, more slowly than it, so that the j-th smallest found lies within the bar
of the j-th smallest true one, and mean, minimum, median and maximum have the mean, ..., maximum of the bars. Chance levels and the
sweep are held to the report's own tensors alone, which are held to the truth one by one.
"""

from . import bars_adapter, bars_fisher
from .bars_spectral import ABSOLUTE_NSS, ANGLE_FLOOR, ROUNDING, SHARE, TINY_NSS
from .rollup import MASKS, groups, rollup, spread, values

SUM = 2 * ROUNDING
OWN = "rollup of own tensors"
KL = {name: bars_fisher.BARS[name] for name in ("kl_quadratic", "kl_share")}
COUNTS = ("tensors", "matrices", "parameters", "unchanged", "bit_equal", "non_finite")
SHARES = ("sparsity_bf16", "sparsity_abs", "hidden_by_bf16")
# What means nothing, and has no bar, where the subspace at k is not defined.
SUBSPACE = ("rotation_median", "off_principal_share", "off_principal_left", "off_principal_right")


def nss_bar(v):
    return max(1e-3 * v if v >= TINY_NSS else 0.0, ABSOLUTE_NSS)


def angle_bar(v):
    return max(1e-2 * v, ANGLE_FLOOR)


# The bar of one tensor's figure, as bars.py and bars_spectral.py have it.
BARS = {
    "nss": nss_bar,
    "nss_top_k": nss_bar,
    "rotation_max": angle_bar,
    "rotation_median": angle_bar,
    "off_principal_share": lambda v: SHARE,
    "off_principal_left": lambda v: SHARE,
    "off_principal_right": lambda v: SHARE,
    "off_principal_chance": lambda v: SUM,
    "stable_rank": lambda v: 1e-3 * v,
    "share_top_k": lambda v: 1e-3 * v,
}


def as_found(want, got):
    """The reference's tensor with the product's choice of what counts: NSS only where exact, rotation where resolved."""
    g, w = got and got["geometry"], want["geometry"]
    if not (g and w):
        return want
    return {
        **want,
        "geometry": {**w, "nss": w["nss"] if g["exact"] else None, "resolved": g["resolved"]},
    }


def agree(ledger, where, got, want):
    """The same structure, counts equal, everything else within rounding of a sum: one metric, `where` says of what."""
    ledger.where = where
    if isinstance(want, dict) and isinstance(got, dict):
        ledger.equal(OWN, sorted(got), sorted(want))
        for name in want.keys() & got.keys():
            agree(ledger, f"{where} {name}", got[name], want[name])
    elif isinstance(want, list) and isinstance(got, list):
        ledger.equal(OWN, len(got), len(want))
        for g, w in zip(got, want):
            agree(ledger, where, g, w)
    elif isinstance(want, float) and isinstance(got, (int, float)):
        ledger.near(OWN, got, want, SUM, 1e-15)
    else:
        ledger.equal(OWN, got, want)


def spectral(ledger, got, want, members):
    """Each figure's spread over the matrices that have it."""
    ledger.equal("rollup.spectral", sorted(got), sorted(want))
    rounded = [bars_adapter.rounded(t) for t in members]
    unresolved = any(t["geometry"] and not t["geometry"].get("resolved", True) for t in members)
    for name in want.keys() & got.keys():
        ledger.equal(f"rollup.{name}.count", got[name]["count"], want[name]["count"])
        if name not in BARS or unresolved and name in SUBSPACE:
            continue
        allowed = spread([BARS[name](v) for v in values(members, name)])
        left = max(
            abs(r - w) for r, w in zip(*(values(tensors, name) for tensors in (rounded, members)))
        )
        for part in ("mean", "min", "median", "max"):
            ledger.near(
                f"rollup.{name}.{part}",
                got[name][part],
                want[name][part],
                0,
                allowed[part],
                want[name][part] + left,
            )


def masks(ledger, got, want, members, mask_bar):
    """Counts of a sum may be off by the sum of what its terms may be."""
    ledger.equal("rollup.masks", [m["alpha"] for m in got], [m["alpha"] for m in want])
    with_masks = [t for t in members if t["masks"]]
    resolved = all(t["geometry"].get("resolved", True) for t in with_masks)
    for i, (g, w) in enumerate(zip(got, want)):
        ledger.equal("rollup.masks.changed", g["changed"], w["changed"])
        allowed = sum(mask_bar(t["masks"][i], t["parameters"]) for t in with_masks)
        for name in MASKS if resolved else ("low",):
            for part in ("size", "both"):
                ledger.near(
                    f"rollup.{name}.{part}",
                    g[name][part],
                    w[name][part],
                    0,
                    0 if name == "low" else allowed,
                )


def group(ledger, where, got, members, found, mask_bar):
    """One rollup: `members` are the reference's tensors, `found` the report's."""
    mine, want = (rollup(got["key"], tensors) for tensors in (found, members))
    agree(ledger, where, got, mine)
    ledger.where = where
    for name, bar in KL.items():
        ledger.near(f"rollup.{name}", got[name], want[name], bar)
    for name in COUNTS:
        ledger.equal(f"rollup.{name}", got[name], want[name])
    for name in SHARES:
        ledger.near(f"rollup.{name}", got[name], want[name], SUM)
    left = rollup(got["key"], [bars_adapter.rounded(t) for t in members])
    for name in ("relative_update", "max_abs_update"):
        ledger.near(f"rollup.{name}", got[name], want[name], 1e-6, 0, left[name])
    spectral(ledger, got["spectral"], want["spectral"], members)
    masks(ledger, got["masks"], want["masks"], members, mask_bar)
    for name in ("k", "matrices"):
        ledger.equal(
            f"rollup.sweep.{name}",
            [p[name] for p in got["sweep"]],
            [p[name] for p in want["sweep"]],
        )


def rollups(ledger, got, want, where, mask_bar):
    """All groups of one run; the reference says which there are and what belongs to each."""
    found = {t["name"]: t for t in got["tensors"]}
    members = list(groups([as_found(t, found.get(t["name"])) for t in want["tensors"]]))
    for kind in ("layers", "modules"):
        ledger.equal(
            f"rollup.{kind}",
            [r["key"] for r in got[kind]],
            [key for k, key, _ in members if k == kind],
        )
    ledger.equal("rollup.model", got["model"]["key"], "model")
    mine = {(kind, r["key"]): r for kind in ("layers", "modules") for r in got[kind]} | {
        ("model", "model"): got["model"]
    }
    for kind, key, tensors in members:
        if (kind, key) in mine:
            own = [found[t["name"]] for t in tensors if t["name"] in found]
            with ledger.fields("rollup."):
                group(ledger, f"{where} {kind} {key}", mine[kind, key], tensors, own, mask_bar)
