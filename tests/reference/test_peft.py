"""Adapters that PEFT itself wrote and merged, against the program's figures of them.

make_peft.py writes the files and says with which versions; nothing of PEFT is needed here.
"""

import json

import ml_dtypes  # noqa: F401  (gives NumPy the bfloat16 that safetensors reads)
import numpy as np
import pytest
from safetensors.numpy import load_file

from make_fixtures import HERE
from product import analyze

FOLDER = HERE / "fixtures" / "peft"
CASES = json.loads((FOLDER / "cases.json").read_text())["bases"]

# PEFT sums B·A in float32, the program in float64: where a sum lies that close to the middle of two
# bfloat16, the merged weights differ in their last bit. One weight of 10^4 does; tensors have 400.
DIFFERENT = 1


def read(path):
    """Returns the tensors of a file: their bits, and their values in float64."""
    tensors = load_file(path)
    return {name: (w.view(np.uint16), w.astype(np.float64)) for name, w in tensors.items()}


def name_whole(name):
    """Returns the name of the tensor that a slice of stacked experts is of."""
    return name.partition("[")[0]


def moved(before, after):
    """Returns what PEFT's merge did to a tensor: weights that kept their bits, and ‖Δ‖ / ‖W0‖."""
    size = np.linalg.norm(before[1])
    return (
        int((before[0] == after[0]).sum()),
        np.linalg.norm(after[1] - before[1]) / size if size else None,
    )


@pytest.mark.parametrize("of", sorted(set(CASES.values())))
def test_merges_of_peft(of, program, tmp_path):
    cases = sorted(case for case, base in CASES.items() if base == of)
    base = read(FOLDER / of / "model.safetensors")
    options = ["--base", FOLDER / of, "--k", 2, "--map-side", 0, "--backend", "cpu"]
    report = analyze(program, tmp_path, [FOLDER / case for case in cases], *options)
    for case, run in zip(cases, report["runs"], strict=True):
        merged = read(FOLDER / case / "merged.safetensors")
        assert run["tensors"], case
        found = {}
        for t in run["tensors"]:
            assert t["status"] == "done", (case, t)
            found.setdefault(name_whole(t["name"]), []).append(t)
        # All that PEFT moves is compared, and nothing else moves.
        assert set(merged) <= set(found), case
        for name, slices in found.items():
            # Rows that were added have nothing to be compared with.
            before, after = base[name], merged.get(name, base[name])
            after = tuple(part[: len(before[0])] for part in after)
            equal, relative = moved(before, after)
            assert abs(sum(t["precision"]["bit_equal"] for t in slices) - equal) <= DIFFERENT, name
            if len(slices) == 1 and relative is not None:
                got = slices[0]["update"]["relative_update"]
                # One last bit of a bfloat16 is 2^-8 of a weight at most.
                least = 2**-8 * np.abs(before[1]).max() / np.linalg.norm(before[1])
                assert abs(got - relative) <= least, (case, name, got, relative)
