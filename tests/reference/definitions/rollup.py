"""Works out the figures of a layer, a module kind or the whole model from those of its tensors.

Counts are summed, so shares are weighted by parameters; spectral figures are unweighted means over
matrices.
"""

import math

import numpy as np

from .figures import FIGURES, follow

COUNTS = ("unchanged", "bit_equal", "non_finite")
MASKS = ("principal", "low", "principal_not_low", "safe")
# Below this gap the subspace at k is not defined well enough for f32 products: docs/metrics.md,
# "Rotation".
RESOLVED_GAP = 3e-7 / 0.05


# The figures that a sweep has: those of W0's directions at one rank.
SWEPT = tuple(figure for figure in FIGURES if figure.swept)


def is_resolved(geometry):
    """Says whether the largest rotation counts: as the tensor says, else by the gap."""
    return geometry.get("resolved", geometry["gap"] >= RESOLVED_GAP)


def read_value(figure, tensor):
    """Returns one figure of one tensor; None where the tensor does not have it, or where it does
    not count."""
    geometry = tensor["geometry"]
    if figure.resolved_only and not (geometry and is_resolved(geometry)):
        return None
    if figure.beside and follow(tensor, figure.beside) is None:
        return None
    return follow(tensor, figure.path)


def collect_values(tensors, figure):
    """Returns the figure of every matrix that has it."""
    found = (read_value(figure, t) for t in tensors)
    return [v for v in found if v is not None]


def spectral(tensors, figures=FIGURES):
    """Returns the spread of each figure that any matrix has."""
    return {
        figure.id: spread(found) for figure in figures if (found := collect_values(tensors, figure))
    }


def spread(numbers):
    """Returns count, mean, smallest, median and largest."""
    return {
        "count": len(numbers),
        "mean": math.fsum(numbers) / len(numbers),
        "min": min(numbers),
        "median": float(np.median(numbers)),
        "max": max(numbers),
    }


def mask(members, i, name):
    """Returns one mask's overlap with M over all members: a quotient of sums, not a mean of
    quotients."""
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
    """Returns one entry for each alpha, over the tensors that have masks."""
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
    """Returns the figures of the group at every rank that one of its matrices has in its sweep,
    over those that have it."""
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
                "spectral": spectral([{"geometry": p, "update": None} for _, p in at], SWEPT),
                "principal": [
                    mask(masked, i, "principal")
                    for i in range(len(masked[0]["masks"]) if masked else 0)
                ],
            }
        )
    return out


def kl(tensors):
    """Returns Gate I: sums over the tensors that have Fisher-weighted figures; null where none has,
    and shares where nothing moved."""
    found = [f for t in tensors if (f := t.get("fisher"))]
    total = lambda name: (
        math.fsum(f[name] for f in found)
        if found and all(f[name] is not None for f in found)
        else None
    )
    return {name: total(name) for name in ("kl_quadratic", "kl_share")}


def rollup(key, tensors):
    """Returns the figures of one group; tensors that failed have no precision and are passed
    over."""
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


def list_groups(tensors):
    """Yields (list, key, members) of every group: layers ascending, module kinds by name, and the
    model."""
    layers = sorted({t["layer"] for t in tensors if t["layer"] is not None})
    for layer in layers:
        yield "layers", str(layer), [t for t in tensors if t["layer"] == layer]
    for module in sorted({t["module"] for t in tensors}):
        yield "modules", module, [t for t in tensors if t["module"] == module]
    yield "model", "model", tensors


def rollups(tensors):
    """Returns {layers, modules, model} of one run."""
    out = {"layers": [], "modules": []}
    for kind, key, members in list_groups(tensors):
        if kind == "model":
            out["model"] = rollup(key, members)
        else:
            out[kind].append(rollup(key, members))
    return out
