"""Sparse deltas without their base: the reference by hand, and the product against it."""

import json
import subprocess
import sys

import jsonschema
import numpy as np
import pytest

from compare import compare
from definitions.checkpoint import read
from definitions.files import load
from definitions.listed import report_listed
from fixtures.listed import LISTED, make_rank_writer, make_step_writer
from make_fixtures import HERE, MAP_SIDE, list_tuned_folders
from product import ROOT, analyze

Q = "model.layers.0.self_attn.q_proj.weight"


@pytest.fixture(params=LISTED)
def case(request):
    """Returns the name of a case."""
    return request.param


def test_the_product_and_its_schema(case, program, tmp_path):
    found = analyze(program, tmp_path, list_tuned_folders(case), "--map-side", MAP_SIDE)
    reference = load(HERE / "fixtures" / case / "reference.json.gz")
    assert compare(found, reference).failures == []
    jsonschema.validate(found, json.loads((ROOT / "docs/report.schema.json").read_text()))
    assert found["partial"] is None and all(run["delta"] for run in found["runs"])


def test_the_reference_is_up_to_date(case):
    kept = load(HERE / "fixtures" / case / "reference.json.gz")
    assert kept == json.loads(json.dumps(report_listed(list_tuned_folders(case), MAP_SIDE)))


def test_by_hand(tmp_path):
    shape = (2, 3)
    make_rank_writer({"w": (shape, [[0, 2], [2, 4]]), "experts": ((2, 1, 2), [[1, 2]])})(
        tmp_path / "a"
    )
    make_step_writer({"w": (None, [[2, 5]]), "x": (None, [[9]])})(tmp_path / "b")
    found = report_listed([tmp_path / "a", tmp_path / "b"], 24)
    w, *slices = found["runs"][0]["tensors"]
    assert (w["shape"], w["parameters"], w["listed"]["changed"], w["listed"]["density"]) == (
        [2, 3],
        6,
        3,
        0.5,
    )
    assert w["listed"]["row_density"]["values"] == pytest.approx([2 / 3, 1 / 3])
    assert w["listed"]["column_density"]["values"] == [0.5, 0.5, 0.5]
    assert [(s["name"], s["listed"]["changed"]) for s in slices] == [
        ("experts[0]", 1),
        ("experts[1]", 1),
    ]
    assert found["runs"][0]["model"]["listed"] == {
        "tensors": 3,
        "changed": 5,
        "parameters": 10,
        "density": 0.5,
    }
    # The second run takes the shape of the first, and has one tensor of which none is known.
    assert found["runs"][1]["tensors"][0]["parameters"] == 6
    assert found["runs"][1]["model"]["listed"] == {
        "tensors": 2,
        "changed": 3,
        "parameters": None,
        "density": None,
    }
    entry = found["overlaps"][0]
    assert (entry["both"], entry["exactly"]) == ([[3, 1], [1, 2]], [2, 3, 1])
    assert entry["jaccard"][0][1] == 0.25 and entry["jaccard_chance"][0][1] == pytest.approx(1 / 4)
    assert entry["dot"] == entry["cosine"] == [[None] * 2] * 2


def count_signs_of_zero(base, tuned, name):
    """Counts weights that are +0 on one side and -0 on the other, and those that are NaN or
    infinite with equal bits."""
    before, after = base[name].bits, tuned[name].bits
    zeros = (before != after) & (before & 0x7FFF == 0) & (after & 0x7FFF == 0)
    return int(zeros.sum()), int(((before == after) & ~np.isfinite(base[name].values())).sum())


def test_bits_that_differ_are_what_a_base_counts(program, tmp_path):
    """A delta by its layout's own test beside the same two checkpoints whole: NaN among the
    weights, and bf16 throughout."""
    folder = HERE / "fixtures/qwen2"
    base, tuned = read(folder / "base"), read(folder / "tuned")
    changed = {
        name: (t.shape, [np.flatnonzero((t.bits != tuned[name].bits).ravel())])
        for name, t in base.items()
        if name in tuned
    }
    make_rank_writer(changed)(tmp_path / "delta")
    alone = {
        t["name"]: t for t in analyze(program, tmp_path, [tmp_path / "delta"])["runs"][0]["tensors"]
    }
    whole = analyze(
        program, tmp_path, [folder / "tuned"], "--base", folder / "base", "--backend", "cpu"
    )["runs"][0]["tensors"]
    assert len(whole) == len(alone) > 10
    for t in whole:
        found, precision = alone[t["name"]]["listed"], t["precision"]
        assert found["changed"] == t["parameters"] - precision["bit_equal"]
        # In bf16 only +0 and -0 differ in bits and pass the gate, and only NaN and infinities with
        # equal bits do not.
        zeros, same = count_signs_of_zero(base, tuned, t["name"])
        assert precision["unchanged"] == precision["bit_equal"] + zeros - same
        if not zeros and not same:
            assert (
                found["row_density"] == precision["row_density"]
                and found["column_density"] == precision["column_density"]
            )
            assert (found["map"] or {}).get("all") == (t["maps"] or {}).get("changed")


@pytest.mark.parametrize(
    "tuned, message", [("tiny/tuned", "holds no sparse delta that lists weights")]
)
def test_reference_names_what_needs_a_base(tmp_path, tuned, message):
    done = subprocess.run(
        [
            sys.executable,
            HERE / "reference.py",
            "--tuned",
            HERE / "fixtures" / tuned,
            "--out",
            tmp_path / "r.json",
        ],
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1 and message in done.stderr
