"""Sparse deltas without their base: which weights they list, by sets of places."""

from collections import Counter
from math import prod

import numpy as np

from . import names
from .maps import consensus_map
from .overlap import expected, make_table, quotients
from .precision import density
from .profile import profile
from .rollup import list_groups
from .sparse import collect_shapes, read_delta


def is_usable(lists, elements):
    """Says whether every list ascends and stays inside the tensor."""
    return all(
        (np.diff(places) > 0).all()
        and (places >= 0).all()
        and (elements is None or (places < elements).all())
        for places in lists
    )


def split_pieces(name, shape):
    """Yields (name, shape, first place, end) of the matrices of a tensor."""
    if shape is None:
        yield name, None, 0, None
    elif names.is_stack(name, shape):
        size = shape[1] * shape[2]
        for e in range(shape[0]):
            yield f"{name}[{e}]", shape[1:], e * size, (e + 1) * size
    else:
        flat = shape if 0 < len(shape) < 3 else (1,) if not shape else (shape[0], prod(shape[1:]))
        yield name, flat, 0, prod(shape)


def make_mask(places, shape):
    """Returns the set as a matrix or vector of yes and no."""
    out = np.zeros(prod(shape), bool)
    out[sorted(places)] = True
    return out.reshape(shape)


def figures(places, shape, map_side):
    """Returns `listed` of one piece."""
    out = {
        "changed": len(places),
        "density": None,
        "row_density": None,
        "column_density": None,
        "map": None,
    }
    if shape is None:
        return out
    dense = make_mask(places, shape)
    if dense.ndim == 2:
        out |= {
            "row_density": density(dense, 1),
            "column_density": density(dense, 0),
            "map": consensus_map(dense[None], map_side),
        }
    return {**out, "density": len(places) / dense.size}


def report_tensors(delta, shapes, map_side):
    """Returns (reports, sets, what is left out) of one delta; `sets` maps a piece's name to its
    places and shape."""
    reports, sets, left_out = [], {}, []
    for tensor in delta.values():
        told = shapes[tensor.name]
        # Runs that don't tell a shape take it from those that do.
        shape = next(iter(told)) if len(told) == 1 else None
        elements = None if shape is None else prod(shape)
        problem = "shape_differs" if len(told) > 1 else "empty" if elements == 0 else tensor.problem
        if problem:
            left_out.append({"name": tensor.name, "reason": problem})
            continue
        good = is_usable(tensor.lists, elements)
        everything = {int(place) for places in tensor.lists for place in places}
        for name, part, first, end in split_pieces(tensor.name, shape):
            places = {place - first for place in everything if end is None or first <= place < end}
            reports.append(
                {
                    "name": name,
                    "layer": names.parse_layer(name),
                    "module": names.parse_module(name),
                    "shape": list(part or ()),
                    "transposed": part is not None and names.is_transposed(name, part),
                    "dtype": tensor.dtype,
                    "dtype_base": "",
                    "dtype_tuned": tensor.dtype,
                    "parameters": prod(part) if part else 0,
                    "status": "done" if good else "failed",
                    "listed": figures(places, part, map_side) if good else None,
                }
            )
            if good:
                sets[name] = places, part
            else:
                left_out.append({"name": name, "reason": "failed"})
    return reports, sets, left_out


def rollup(key, members):
    """Returns the sums over the tensors that were read; null where there is none."""
    read = [t for t in members if t["listed"]]
    changed = sum(t["listed"]["changed"] for t in read)
    known = all(t["parameters"] for t in read)
    parameters = sum(t["parameters"] for t in read) if known else None
    return {
        "key": key,
        "listed": {
            "tensors": len(read),
            "changed": changed,
            "parameters": parameters,
            "density": changed / parameters if known else None,
        }
        if read
        else None,
    }


def rollups(members):
    """Returns {layers, modules, model}."""
    found = [(kind, rollup(key, group)) for kind, key, group in list_groups(members)]
    return {
        **{kind: [r for k, r in found if k == kind] for kind in ("layers", "modules")},
        "model": next(r for k, r in found if k == "model"),
    }


def remove_products(found, known):
    """Returns an entry of `overlaps` without what needs the sizes of changes, and without a shape
    what needs the number of weights."""
    none = make_table(len(found["runs"]), lambda a, b: None)
    out = {**found, "dot": none, "cosine": none}
    if known:
        return out
    return {
        **out,
        "parameters": 0,
        "jaccard_chance": none,
        "mean_jaccard_chance": None,
        "exactly": [None, *found["exactly"][1:]],
        "exactly_chance": [],
    }


def combine_counts(runs, parameters, both, exactly, by_chance):
    """Returns counts and their quotients; `parameters` and `by_chance` are None where a shape is
    not known."""
    nothing = make_table(len(runs), lambda a, b: 0.0)
    known = parameters is not None
    found = quotients(
        runs,
        parameters if known else 1,
        both,
        exactly,
        nothing,
        by_chance if known else (nothing, []),
    )
    return remove_products(found, known)


def compare_piece(name, by_run, map_side):
    """Compares one piece among the runs; `by_run` maps the runs that have it to (places, shape)."""
    sets, shape = [places for places, _ in by_run.values()], next(iter(by_run.values()))[1]
    both = make_table(len(sets), lambda a, b: len(sets[a] & sets[b]))
    times = Counter(Counter(place for places in sets for place in places).values())
    parameters = prod(shape) if shape else None
    listed = sum(times.values())
    exactly = [parameters - listed if shape else 0, *(times[r] for r in range(1, len(sets) + 1))]
    everywhere = make_mask(set.intersection(*sets), shape) if shape else np.zeros(0, bool)
    matrix = everywhere.ndim == 2
    return {
        "name": name,
        **combine_counts(
            list(by_run), parameters, both, exactly, expected(both, parameters) if shape else None
        ),
        "row_consensus": profile(everywhere, 1) if matrix else None,
        "column_consensus": profile(everywhere, 0) if matrix else None,
        "consensus_map": consensus_map(everywhere[None], map_side) if matrix else None,
    }


def compare_model(entries, count):
    """Returns the sums over the pieces that all runs have."""
    entries = [e for e in entries if len(e["runs"]) == count]
    if not entries:
        return []
    known = all(e["parameters"] for e in entries)
    both = np.sum([e["both"] for e in entries], axis=0).tolist()
    exactly = np.sum([[e["exactly"][0] or 0, *e["exactly"][1:]] for e in entries], axis=0).tolist()
    by_chance = None
    if known:
        each = [expected(e["both"], e["parameters"]) for e in entries]
        by_chance = [np.sum([levels[part] for levels in each], axis=0).tolist() for part in (0, 1)]
    parameters = sum(e["parameters"] for e in entries) if known else None
    return [
        {
            "name": None,
            **combine_counts(list(range(count)), parameters, both, exactly, by_chance),
            **dict.fromkeys(("row_consensus", "column_consensus", "consensus_map")),
        }
    ]


def report_listed(paths, map_side=64):
    """Returns {base: None, settings, runs, overlaps} of the deltas in these folders."""
    deltas = [read_delta(path) for path in paths]
    shapes = collect_shapes(deltas)
    found = [report_tensors(delta, shapes, map_side) for delta in deltas]
    by_name = {}
    for run, (_, sets, _) in enumerate(found):
        for name, piece in sets.items():
            by_name.setdefault(name, {})[run] = piece
    entries = [
        compare_piece(name, by_run, map_side) for name, by_run in by_name.items() if len(by_run) > 1
    ]
    return {
        "base": None,
        "settings": {"map_side": map_side},
        "runs": [
            {"tensors": reports, "left_out": left_out, **rollups(reports)}
            for reports, _, left_out in found
        ],
        "overlaps": entries + (compare_model(entries, len(paths)) if len(paths) > 1 else []),
    }
