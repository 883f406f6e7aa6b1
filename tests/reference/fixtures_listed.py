"""Sparse deltas without a base: each case gives a function for each run, which writes its folder."""

import json
from math import prod

import numpy as np

from fixtures_write import write_file

LAYER = "model.layers.0."


def lists(places, dtype, wide=False):
    """The two tensors of one list; the values themselves are read by nobody."""
    return (np.asarray(places), "I64" if wide else "I32"), (
        np.arange(1, len(places) + 1) % 7 + 1.0,
        dtype,
    )


def by_rank(tensors, dtype="BF16", wide=False):
    """prime-rl's first layout. `tensors`: name -> (shape, one list of places for each rank)."""

    def write(folder):
        ranks = []
        for rank in range(max(len(parts) for _, parts in tensors.values())):
            held, entries = {}, []
            for i, (name, (shape, parts)) in enumerate(tensors.items()):
                if rank < len(parts):
                    held[f"t{i}_indices"], held[f"t{i}_values"] = lists(parts[rank], dtype, wide)
                    entries.append(
                        {
                            "name": name,
                            "global_shape": list(shape),
                            "dtype": "bfloat16",
                            "indices_key": f"t{i}_indices",
                            "values_key": f"t{i}_values",
                            "changed": len(parts[rank]),
                        }
                    )
            write_file(folder / f"rank_{rank}.safetensors", held)
            ranks.append(
                {
                    "rank": rank,
                    "base_step": 0,
                    "target_step": 40,
                    "file": f"rank_{rank}.safetensors",
                    "tensors": entries,
                }
            )
        manifest = {
            "format": "prime-rl-sparse-hf-v1",
            "base_step": 0,
            "target_step": 40,
            "ranks": ranks,
        }
        (folder / "sparse_manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")

    return write


def one_file(tensors, dtype="BF16"):
    """prime-rl's second layout; the first list of each tensor."""

    def write(folder):
        held, entries = {}, []
        for i, (name, (shape, parts)) in enumerate(tensors.items()):
            held[f"tensor_{i}.indices"], held[f"tensor_{i}.values"] = lists(parts[0], dtype)
            entries.append(
                {
                    "name": name,
                    "shape": list(shape),
                    "dtype": "bfloat16",
                    "indices": f"tensor_{i}.indices",
                    "values": f"tensor_{i}.values",
                    "numel": prod(shape),
                    "changed_numel": len(parts[0]),
                }
            )
        write_file(folder / "sparse_update_patch.safetensors", held)
        manifest = {
            "format": "prime-rl-sparse-update",
            "version": 1,
            "step": 8,
            "base_step": 7,
            "compressed": False,
            "patch_file": "sparse_update_patch.safetensors",
            "tensors": entries,
        }
        (folder / "sparse_update_manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")

    return write


def steps(tensors, first=11):
    """TRL's layout, a file a step. `tensors`: name -> (anything, one list of places for each step, or None)."""

    def write(folder):
        for step in range(max(len(parts) for _, parts in tensors.values())):
            held = {}
            for name, (_, parts) in tensors.items():
                if step < len(parts) and parts[step] is not None:
                    held[f"{name}.indices"], held[f"{name}.values"] = lists(parts[step], "BF16")
            write_file(
                folder / f"step_{first + step:06d}.safetensors",
                held,
                {"sparse": "True", "model_version": str(first + step)},
            )

    return write


def some(rng, size, count):
    """Places, ascending."""
    return np.sort(rng.permutation(size)[:count])


def drawn(rng, shape, *counts, of=1.0):
    """A shape with one list for each count, from the first part of the tensor."""
    return shape, [some(rng, int(prod(shape) * of), count) for count in counts]


def listed_ranks():
    """Three runs of prime-rl and one of TRL: parts that overlap, awkward shapes, lists that are wrong, shapes that disagree."""
    rng = np.random.Generator(np.random.PCG64(31))

    def run(up):
        stripe = np.flatnonzero(np.tile(np.arange(301) % 10 == 0, 5))
        return {
            LAYER + "self_attn.q_proj.weight": drawn(rng, (33, 65), 700, 300),
            LAYER + "self_attn.k_proj.weight": ((12, 9), [np.arange(108)]),
            LAYER + "self_attn.v_proj.weight": ((12, 9), [[]]),
            LAYER + "mlp.up_proj.weight": (up, [np.union1d(stripe, some(rng, 1505, 100))]),
            # Ranks of tiles: more weights than are looked at together, the second rank from where
            # the first one ends.
            LAYER + "mlp.down_proj.weight": (
                (300, 257),
                [some(rng, 40_000, 500), 40_000 + some(rng, 37_100, 400)],
            ),
            LAYER + "mlp.experts.down_proj": drawn(rng, (3, 6, 5), 20, 30),
            "extra.row.weight": drawn(rng, (1, 7), 3),
            "extra.column.weight": drawn(rng, (7, 1), 3),
            "extra.one.weight": ((1, 1), [[0]]),
            "extra.conv.weight": drawn(rng, (4, 3, 2, 2), 9),
            "model.norm.weight": drawn(rng, (65,), 9),
            "h.0.attn.c_attn.weight": drawn(rng, (8, 24), 50),
        }

    first, second, third = run((5, 301)), run((301, 5)), run((5, 301))
    second["extra.bad.weight"], third["extra.bad.weight"] = ((2, 3), [[0, 6]]), ((2, 3), [[1, 5]])
    first["extra.bad.weight"] = ((2, 3), [[1, 4]])
    del third["extra.row.weight"]
    third["extra.only.weight"], third["extra.empty.weight"] = ((2, 2), [[3]]), ((0, 4), [[]])
    names = (
        "model.norm.weight",
        LAYER + "self_attn.q_proj.weight",
        LAYER + "mlp.experts.down_proj",
        "extra.conv.weight",
    )
    fourth = {name: (None, [some(rng, prod(first[name][0]), 20)]) for name in names}
    fourth["extra.unknown.weight"] = None, [[5, 1]]
    fourth[LAYER + "mlp.up_proj.weight"] = None, [[3]]
    return (
        by_rank(first),
        by_rank(second, wide=True),
        one_file(
            {
                n: (s, [np.unique(np.concatenate(p))] if n != "extra.bad.weight" else p)
                for n, (s, p) in third.items()
            },
            "F32",
        ),
        steps(fourth),
    )


def listed_steps():
    """Two runs of TRL, whose shapes nobody knows; one of three steps that list the same weights again."""
    rng = np.random.Generator(np.random.PCG64(32))
    shared = some(rng, 300_000, 400)

    def places(count):
        return np.union1d(shared[::2], some(rng, 300_000, count))

    first = {
        LAYER + "self_attn.q_proj.weight": (None, [places(500), places(300), places(10)]),
        LAYER + "mlp.up_proj.weight": (
            None,
            [None, [0, 65_535, 65_536, 2**31 - 1], [65_536, 131_072]],
        ),
        "model.norm.weight": (None, [[], [], []]),
        "lm_head.weight": (None, [None, None, [7]]),
    }
    second = {
        LAYER + "self_attn.q_proj.weight": (None, [places(600)]),
        LAYER + "mlp.up_proj.weight": (None, [[65_536, 2**31 - 1]]),
        "model.norm.weight": (None, [[1, 2]]),
    }
    return steps(first), steps(second, 20)


def listed_patch():
    """One run of one file."""
    rng = np.random.Generator(np.random.PCG64(33))
    return (
        one_file(
            {
                "model.layers.3.mlp.gate_proj.weight": drawn(rng, (40, 30), 55),
                "model.layers.3.mlp.up_proj.weight": drawn(rng, (40, 30), 0),
                "model.norm.weight": drawn(rng, (40,), 3),
            }
        ),
    )


LISTED = {"listed_ranks": listed_ranks, "listed_steps": listed_steps, "listed_patch": listed_patch}
