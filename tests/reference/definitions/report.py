"""Compares a base and its tuned checkpoints, tensor by tensor, with the field names of the
product's report."""

import numpy as np

from . import adapter, names
from .basis_change import function_preserving
from .checkpoint import read, read_config
from .fisher import fisher_figures, share_out
from .fp8 import quantized
from .geometry import geometry
from .heads import heads, label_heads, place_heads, read_layout
from .maps import maps
from .masks import masks
from .overlap import overlaps
from .pairing import read_pairs
from .precision import changed_mask, precision
from .rollup import rollups
from .spectrum import edges
from .update import update


def report_tensor(base, tuned, settings, config_of_base):
    """Returns all figures of one tensor; singular values are undefined where an entry is NaN or
    infinite."""
    k, eta = settings["k"], settings["eta"]
    out = {
        "name": base.name,
        "layer": names.parse_layer(base.name),
        "module": names.parse_module(base.name),
        "shape": list(base.shape),
        "transposed": names.is_transposed(base.name, base.shape),
        "dtype": base.dtype,
        "dtype_base": base.original().dtype,
        "dtype_tuned": tuned.original().dtype,
        "quantized": quantized(base.original(), tuned.original()),
        "parameters": int(base.bits.size),
        "precision": precision(base, tuned, eta, settings["abs_tolerance"]),
        "geometry": None,
        "masks": [],
    }
    w0, merged = base.values(), tuned.values()
    # The update and the geometry of an adapter are those before the merge.
    w1 = w0 + tuned.adapter.delta() if tuned.adapter else merged
    out["update"] = update(w0, w1, k, tuned.adapter)
    changed, principal = changed_mask(base, tuned, eta), None
    if w0.ndim == 2 and np.isfinite(w0).all() and np.isfinite(w1).all():
        out["geometry"], reconstructed = geometry(w0, w1, k)
        if out["geometry"]:
            principal = reconstructed(out["geometry"]["k"])
            out["masks"] = [
                masks(w0, reconstructed, changed, a, edges(out["geometry"]["k"]))
                for a in settings["alphas"]
            ]
    place = place_heads(read_layout(config_of_base), out["module"], out["shape"], out["transposed"])
    out["heads"] = heads(w0, w1, changed, place, k)
    if out["heads"]:
        out["heads"]["labels"] = label_heads(config_of_base, out["module"])
    out["adapter"] = adapter.figures(base, tuned, changed, out["geometry"] and out["geometry"]["k"])
    out["rounded"] = None
    if tuned.adapter:
        # compare.py allows this much to a product that holds W1 in float32.
        single = w1.astype(np.float32).astype(np.float64)
        out["rounded"] = {
            "geometry": geometry(w0, single, k, draw=False)[0] if out["geometry"] else None,
            "heads": heads(w0, single, changed, place, k, draw=False),
            **{
                name: update(w0, single, k)[name] for name in ("frobenius_update", "max_abs_update")
            },
        }
    out["maps"] = maps(w0, merged, changed, principal, settings["alphas"][0], settings["map_side"])
    return out


def report_preserved(base, tuned, by_name, layout_of_model):
    """Returns the figures of a value projection beside its layer's output projection; None for
    other tensors."""
    if names.parse_module(base.name) != "v":
        return None
    return function_preserving(
        (base, tuned), by_name.get(base.name.replace("v_proj", "o_proj")), layout_of_model
    )


def report(
    base_path,
    tuned_paths,
    k=64,
    alphas=(0.1,),
    eta=1e-3,
    abs_tolerance=1e-5,
    fisher_path=None,
    map_side=64,
):
    """Returns {settings, runs, overlaps}: every tuned checkpoint against the base, and where there
    are several, among themselves."""
    settings = {
        "k": k,
        "alphas": list(alphas),
        "eta": eta,
        "abs_tolerance": abs_tolerance,
        "map_side": map_side,
    }
    base, config_of_base = read(base_path), read_config(base_path)
    compared = [read_pairs(base, path) for path in tuned_paths]
    fishers = (
        {s.name: s for tensor in read(fisher_path).values() for s in tensor.slices()}
        if fisher_path
        else {}
    )
    runs = []
    for pairs, left_out in compared:
        by_name = {b.name: (b, t) for b, t in pairs}
        tensors = [
            {
                **report_tensor(b, t, settings, config_of_base),
                "fisher": fisher_figures(b, t, fishers.get(b.name), eta),
                "function_preserving": report_preserved(b, t, by_name, read_layout(config_of_base)),
            }
            for b, t in pairs
        ]
        share_out([t["fisher"] for t in tensors])
        runs.append({"tensors": tensors, "left_out": left_out, **rollups(tensors)})
    return {
        "settings": settings,
        "runs": runs,
        "overlaps": overlaps(base, [pairs for pairs, _ in compared], eta, map_side),
    }
