"""Sparse deltas without their base: the reference by hand, the product against it, and the comparison that must go red."""

import copy
import json
import subprocess
import sys

import jsonschema
import numpy as np
import pytest

from compare import compare
from fixtures.listed import LISTED, by_rank, steps
from make_fixtures import HERE, MAP_SIDE, make_listed, tuned_folders
from definitions.checkpoint import read
from definitions.files import load
from definitions.listed import listed_report
from test_report import ROOT, check, program  # noqa: F401 (a fixture)

Q = "model.layers.0.self_attn.q_proj.weight"


def analyzed(program, folder, tuned, *options):  # noqa: F811
    """The product's report of these deltas alone."""
    out = folder / "report.json"
    command = [program, "--out", out, *options, *(x for one in tuned for x in ("--tuned", one))]
    done = subprocess.run([str(c) for c in command], text=True, capture_output=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return load(out)


def as_report(reference):
    """What a perfect product would say."""
    report = copy.deepcopy(reference)
    report["fisher"] = None
    nothing = dict.fromkeys(
        (
            "precision",
            "update",
            "geometry",
            "maps",
            "heads",
            "fisher",
            "quantized",
            "adapter",
            "function_preserving",
        )
    )
    counts = dict.fromkeys(
        (
            "tensors",
            "matrices",
            "parameters",
            "unchanged",
            "bit_equal",
            "non_finite",
            "max_abs_update",
        ),
        0,
    )
    shares = dict.fromkeys(
        (
            "sparsity_bf16",
            "sparsity_abs",
            "hidden_by_bf16",
            "relative_update",
            "kl_quadratic",
            "kl_share",
        )
    )
    for run in report["runs"]:
        for t in run["tensors"]:
            t.update(nothing, masks=[], geometry_note="no base")
        for r in [*run["layers"], *run["modules"], run["model"]]:
            r.update(counts, **shares, spectral={}, masks=[])
    for e in report["overlaps"]:
        e["steps"] = None
    return report


@pytest.fixture(params=LISTED)
def case(request):
    """Name of a case."""
    return request.param


def test_the_product_and_its_schema(case, program, tmp_path):  # noqa: F811
    found = analyzed(program, tmp_path, tuned_folders(case), "--map-side", MAP_SIDE)
    check(found, load(HERE / "fixtures" / case / "reference.json.gz"))
    jsonschema.validate(found, json.loads((ROOT / "docs/report.schema.json").read_text()))
    assert found["partial"] is None and all(run["delta"] for run in found["runs"])


def test_the_reference_is_up_to_date_and_passes_its_own_bars(case):
    kept = load(HERE / "fixtures" / case / "reference.json.gz")
    assert kept == json.loads(json.dumps(listed_report(tuned_folders(case), MAP_SIDE)))
    assert compare(as_report(kept), kept).failures == []


def test_the_script_makes_the_files_that_are_kept(tmp_path):
    make_listed(tmp_path)
    made = {
        file.relative_to(tmp_path): file.read_bytes()
        for file in tmp_path.rglob("*")
        if file.is_file()
    }
    kept = {
        file.relative_to(HERE / "fixtures"): file.read_bytes()
        for case in LISTED
        for file in (HERE / "fixtures" / case).glob("*/*")
    }
    assert made == kept and len(made) > 10


def test_by_hand(tmp_path):
    shape = (2, 3)
    by_rank({"w": (shape, [[0, 2], [2, 4]]), "e": ((2, 1, 2), [[1, 2]])})(tmp_path / "a")
    steps({"w": (None, [[2, 5]]), "x": (None, [[9]])})(tmp_path / "b")
    found = listed_report([tmp_path / "a", tmp_path / "b"], 24)
    w, *slices = found["runs"][0]["tensors"]
    assert (w["shape"], w["parameters"], w["listed"]["changed"], w["listed"]["density"]) == (
        [2, 3],
        6,
        3,
        0.5,
    )
    assert w["listed"]["row_density"]["values"] == pytest.approx([2 / 3, 1 / 3])
    assert w["listed"]["column_density"]["values"] == [0.5, 0.5, 0.5]
    assert [(s["name"], s["listed"]["changed"]) for s in slices] == [("e[0]", 1), ("e[1]", 1)]
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


def signs_of_zero(base, tuned, name):
    """Weights that are +0 on one side and -0 on the other, and those that are NaN or infinite with equal bits."""
    before, after = base[name].bits, tuned[name].bits
    zeros = (before != after) & (before & 0x7FFF == 0) & (after & 0x7FFF == 0)
    return int(zeros.sum()), int(((before == after) & ~np.isfinite(base[name].values())).sum())


def test_bits_that_differ_are_what_a_base_counts(program, tmp_path):  # noqa: F811
    """A delta by its layout's own test beside the same two checkpoints whole: NaN among the weights, and bf16 throughout."""
    folder = HERE / "fixtures/qwen2"
    base, tuned = read(folder / "base"), read(folder / "tuned")
    changed = {
        name: (t.shape, [np.flatnonzero((t.bits != tuned[name].bits).ravel())])
        for name, t in base.items()
        if name in tuned
    }
    by_rank(changed)(tmp_path / "delta")
    alone = {
        t["name"]: t
        for t in analyzed(program, tmp_path, [tmp_path / "delta"])["runs"][0]["tensors"]
    }
    whole = analyzed(
        program, tmp_path, [folder / "tuned"], "--base", folder / "base", "--backend", "cpu"
    )["runs"][0]["tensors"]
    assert len(whole) == len(alone) > 10
    for t in whole:
        found, precision = alone[t["name"]]["listed"], t["precision"]
        assert found["changed"] == t["parameters"] - precision["bit_equal"]
        # In bf16 only +0 and -0 differ in bits and pass the gate, and only NaN and infinities with
        # equal bits do not.
        zeros, same = signs_of_zero(base, tuned, t["name"])
        assert precision["unchanged"] == precision["bit_equal"] + zeros - same
        if not zeros and not same:
            assert (
                found["row_density"] == precision["row_density"]
                and found["column_density"] == precision["column_density"]
            )
            assert (found["map"] or {}).get("all") == (t["maps"] or {}).get("changed")


def spoil(*path, value):
    """A change of one figure of the first run's first tensor."""

    def change(report):
        held = report["runs"][0]["tensors"][0]
        for step in path[:-1]:
            held = held[step]
        held[path[-1]] = value

    return change


def in_overlap(name, value):
    def change(report):
        report["overlaps"][0][name] = value

    return change


def in_model(name, value):
    def change(report):
        report["runs"][0]["model"]["listed"][name] = value

    return change


@pytest.mark.parametrize(
    "metric, change",
    [
        ("listed.changed", spoil("listed", "changed", value=1)),
        ("listed.density", spoil("listed", "density", value=0.4671)),
        ("listed.row_density.max", spoil("listed", "row_density", "max", value=1.0)),
        (
            "listed.column_density.dispersion",
            spoil("listed", "column_density", "dispersion", value=1.0),
        ),
        ("listed.map", spoil("listed", "map", "all", value="AAAA")),
        ("listed defined", spoil("listed", value=None)),
        ("dtype_tuned", spoil("dtype_tuned", value="F32")),
        ("precision without a base", spoil("precision", value={})),
        ("geometry_note", spoil("geometry_note", value=None)),
        ("parameters", spoil("parameters", value=0)),
        ("overlaps.exactly", in_overlap("exactly", [None, 0, 0, 0, 0])),
        ("overlaps.both", in_overlap("both", [])),
        ("overlaps.dot without a base", in_overlap("dot", [[0.0] * 4] * 4)),
        ("overlaps.mean_jaccard", in_overlap("mean_jaccard", 0.5)),
        ("overlaps.exactly_chance", in_overlap("exactly_chance", [0.2] * 5)),
        ("rollup.listed.changed", in_model("changed", 1)),
        ("rollup.listed.parameters", in_model("parameters", None)),
        ("base", lambda report: report.update(base={})),
    ],
)
def test_what_is_wrong_goes_red(metric, change):
    reference = load(HERE / "fixtures/listed_ranks/reference.json.gz")
    report = as_report(reference)
    assert report["runs"][0]["tensors"][0]["name"] == report["overlaps"][0]["name"] == Q
    change(report)
    failures = compare(report, reference).failures
    assert failures and all(f": {metric}" in line for line in failures), failures


@pytest.mark.parametrize(
    "tuned, said", [("tiny/tuned", "holds no sparse delta that lists weights")]
)
def test_reference_names_what_needs_a_base(tmp_path, tuned, said):
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
    )
    assert done.returncode == 1 and said in done.stderr
