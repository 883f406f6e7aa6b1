"""Figures of a layer, a module kind or the whole model, from those of its tensors.

Counts are summed, so shares are weighted by parameters; spectral figures are unweighted means over matrices.
"""

import math

import numpy as np

COUNTS = ("unchanged", "bit_equal", "non_finite")
MASKS = ("principal", "low", "principal_not_low", "safe")
# Below this gap the subspace at k is not defined well enough for f32 products: docs/metrics.md,
# "Rotation".
RESOLVED_GAP = 3e-7 / 0.05


def resolved(geometry):
    """Whether the largest rotation counts: as the tensor says, else by the gap."""
    return geometry.get("resolved", geometry["gap"] >= RESOLVED_GAP)


def level(of, name):
    """A chance level of a geometry or an update, where it was computed."""
    return (of and of.get("chance") or {}).get(name)


SPECTRAL = {
    "nss": lambda g, u: g and g["nss"],
    "nss_chance": lambda g, u: level(g, "nss") if g and g["nss"] is not None else None,
    "nss_top_k": lambda g, u: g and g["nss_top_k"],
    "nss_top_k_chance": lambda g, u: level(g, "nss_top_k"),
    "rotation_max": lambda g, u: g["rotation_max"] if g and resolved(g) else None,
    "rotation_max_chance": lambda g, u: level(g, "rotation_max") if g and resolved(g) else None,
    "rotation_median": lambda g, u: g and g["rotation_median"],
    "rotation_median_chance": lambda g, u: level(g, "rotation_median"),
    "off_principal_share": lambda g, u: g and g["off_principal_share"],
    "off_principal_chance": lambda g, u: level(g, "both"),
    "off_principal_left": lambda g, u: g and g["off_principal_left"],
    "off_principal_left_chance": lambda g, u: level(g, "left"),
    "off_principal_right": lambda g, u: g and g["off_principal_right"],
    "off_principal_right_chance": lambda g, u: level(g, "right"),
    "stable_rank": lambda g, u: u and u["stable_rank"],
    "stable_rank_chance": lambda g, u: level(u, "stable_rank"),
    "share_top_k": lambda g, u: u and u["share_top_k"],
    "share_top_k_chance": lambda g, u: level(u, "share_top_k"),
}
# What the sweep does not have: it is of W0's directions at one rank.
ONLY_AT_K = (
    "nss",
    "nss_chance",
    "stable_rank",
    "stable_rank_chance",
    "share_top_k",
    "share_top_k_chance",
)


def values(tensors, figure):
    """The figure of every matrix that has it."""
    found = (SPECTRAL[figure](t["geometry"], t["update"]) for t in tensors)
    return [v for v in found if v is not None]


def spectral(tensors, leave_out=()):
    """The spread of each figure that any matrix has."""
    return {
        name: spread(found)
        for name in SPECTRAL
        if name not in leave_out and (found := values(tensors, name))
    }


def spread(numbers):
    """Count, mean, smallest, median and largest."""
    return {
        "count": len(numbers),
        "mean": math.fsum(numbers) / len(numbers),
        "min": min(numbers),
        "median": float(np.median(numbers)),
        "max": max(numbers),
    }


def mask(members, i, name):
    """One mask's overlap with M over all members: a quotient of sums, not a mean of quotients."""
    size, both = (sum(t["masks"][i][name][part] for t in members) for part in ("size", "both"))
    changed, chance = (
        sum(t["masks"][i]["changed"] for t in members),
        size / sum(t["parameters"] for t in members),
    )
    overlap = both / changed if changed else None
    return {
        "size": size,
        "both": both,
        "overlap": overlap,
        "chance": chance,
        "enrichment": overlap / chance if changed and size else None,
    }


def masks(tensors):
    """One entry for each alpha, over the tensors that have masks."""
    members = [t for t in tensors if t["masks"]]
    return [
        {
            "alpha": m["alpha"],
            "changed": sum(t["masks"][i]["changed"] for t in members),
            **{name: mask(members, i, name) for name in MASKS},
        }
        for i, m in enumerate(members[0]["masks"] if members else [])
    ]


def sweep(tensors):
    """The figures of the group at every rank that one of its matrices has in its sweep, over those that have it."""
    swept = [t for t in tensors if t["geometry"]]
    out = []
    for k in sorted({p["k"] for t in swept for p in t["geometry"].get("sweep", ())}):
        at = [(t, p) for t in swept for p in t["geometry"].get("sweep", ()) if p["k"] == k]
        masked = [
            {
                **t,
                "masks": [
                    {**p, "changed": m["changed"]}
                    for m in t["masks"]
                    for p in m.get("sweep", ())
                    if p["k"] == k
                ],
            }
            for t, _ in at
        ]
        # A report that lacks a rank in one mask has it in no sum, and the comparison says so.
        masked = [
            t
            for t in masked
            if t["masks"] and len(t["masks"]) == max(len(other["masks"]) for other in masked)
        ]
        out.append(
            {
                "k": k,
                "matrices": len(at),
                "spectral": spectral(
                    [{"geometry": {"nss": None, **p}, "update": None} for _, p in at], ONLY_AT_K
                ),
                "principal": [
                    mask(masked, i, "principal")
                    for i in range(len(masked[0]["masks"]) if masked else 0)
                ],
            }
        )
    return out


def kl(tensors):
    """Gate I: sums over the tensors that have Fisher-weighted figures; null where none has, and shares where nothing moved."""
    found = [f for t in tensors if (f := t.get("fisher"))]
    total = lambda name: (
        math.fsum(f[name] for f in found)
        if found and all(f[name] is not None for f in found)
        else None
    )
    return {name: total(name) for name in ("kl_quadratic", "kl_share")}


def rollup(key, tensors):
    """The figures of one group; tensors that failed have no precision and are passed over."""
    done = [t for t in tensors if t["precision"]]
    updates = [t["update"] for t in done if t["update"]]
    parameters = sum(t["parameters"] for t in done)
    counts = {name: sum(t["precision"][name] for t in done) for name in COUNTS}
    # A tensor's share is a count over its parameters; the count is the whole number next to their
    # product.
    weights = {
        name: sum(round(t["precision"][name] * t["parameters"]) for t in done)
        for name in ("sparsity_abs", "hidden_by_bf16")
    }
    shares = {
        name: count / parameters if parameters else None
        for name, count in {"sparsity_bf16": counts["unchanged"], **weights}.items()
    }
    base, delta = (
        math.hypot(*(u[name] for u in updates)) for name in ("frobenius_base", "frobenius_update")
    )
    return {
        "key": key,
        "tensors": len(done),
        "matrices": sum(t["geometry"] is not None for t in done),
        "parameters": parameters,
        **counts,
        **shares,
        "relative_update": delta / base if base > 0 else None,
        "max_abs_update": max((u["max_abs_update"] for u in updates), default=0.0),
        "spectral": spectral(done),
        "masks": masks(done),
        "sweep": sweep(done),
        "listed": None,
        **kl(done),
    }


def groups(tensors):
    """(list, key, members) of every group: layers ascending, module kinds by name, and the model."""
    layers = sorted({t["layer"] for t in tensors if t["layer"] is not None})
    for layer in layers:
        yield "layers", str(layer), [t for t in tensors if t["layer"] == layer]
    for module in sorted({t["module"] for t in tensors}):
        yield "modules", module, [t for t in tensors if t["module"] == module]
    yield "model", "model", tensors


def rollups(tensors):
    """{layers, modules, model} of one run."""
    out = {"layers": [], "modules": []}
    for kind, key, members in groups(tensors):
        if kind == "model":
            out["model"] = rollup(key, members)
        else:
            out[kind].append(rollup(key, members))
    return out
