"""The same inputs give the same report, whatever the number of threads and the order of shards."""

import os
import random
import subprocess

import numpy as np
import pytest

from definitions.files import load
from test_native_faults import plain, write

NAMES = [
    f"model.layers.{layer}.{part}.weight"
    for layer in range(5)
    for part in ("self_attn.q_proj", "mlp.up_proj", "input_layernorm")
]


def make(folder, shards, seed):
    """Writes a pair; `seed` decides which tensor is in which shard, and in which order."""
    values = np.random.default_rng(0)
    order = random.Random(seed)
    base, tuned = {}, {}
    for name in NAMES:
        shape = (24,) if "norm" in name else (24, 20)
        base[name] = values.standard_normal(shape)
        tuned[name] = base[name] + 0.01 * values.standard_normal(shape)
    for side, tensors in (("base", base), ("tuned", tuned)):
        names = list(tensors)
        order.shuffle(names)
        for i in range(shards):
            file = f"model-{i + 1:05}-of-{shards:05}.safetensors"
            write(folder / side / file, {name: tensors[name] for name in names[i::shards]})


def analyze(program, folder, threads):
    done = subprocess.run(
        [str(program), "--base", "base", "--tuned", "tuned", "--out", "r.json"]
        + ["--backend", "cpu", "--k", "4"],
        cwd=folder,
        env={**os.environ, "RAYON_NUM_THREADS": str(threads)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = plain(load(folder / "r.json"))
    assert report["backend"].pop("workers") == min(threads, len(NAMES))
    return report


@pytest.fixture(scope="module")
def wanted(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wanted")
    make(folder, 3, 0)
    return folder, analyze(program, folder, 1)


@pytest.mark.parametrize("threads", [2, 8])
def test_threads_change_nothing(program, wanted, threads):
    folder, report = wanted
    assert len(report["runs"][0]["tensors"]) == len(NAMES)
    assert analyze(program, folder, threads) == report


@pytest.mark.parametrize(("shards", "seed"), [(3, 1), (1, 2), (15, 3)])
def test_the_order_of_shards_changes_no_figure(program, wanted, tmp_path, shards, seed):
    make(tmp_path, shards, seed)
    found, report = analyze(program, tmp_path, 2), dict(wanted[1])
    for one in (found, report):
        # Files are others, and with them the choice of what is checked.
        assert one.pop("check")["counts_differ"] == 0
        one["base"] = {**one["base"], "files": []}
        one["runs"] = [
            {**run, "checkpoint": {**run["checkpoint"], "files": []}} for run in one["runs"]
        ]
    assert found == report
