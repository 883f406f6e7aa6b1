"""Figures along the spectrum: closed forms, and the comparison that must go red."""

import math

import numpy as np
import pytest

from compare import compare
from make_fixtures import CASES, HERE
from definitions import chance
from definitions.files import load
from definitions.geometry import geometry
from definitions.spectrum import edges
from definitions.update import update
from test_compare import as_report

MATRIX = "model.layers.0.self_attn.q_proj.weight"
SAME = "model.layers.0.self_attn.k_proj.weight"


@pytest.mark.parametrize(
    "k, ends",
    [
        (1, [1]),
        (2, [1, 2]),
        (3, [1, 2, 3]),
        (8, [1, 2, 4, 8]),
        (9, [1, 2, 4, 8, 9]),
        (10, [1, 2, 4, 8, 10]),
        (64, [1, 2, 4, 8, 16, 32, 64]),
    ],
)
def test_edges(k, ends):
    assert edges(k) == ends


def test_blocks_of_a_diagonal_base_are_blocks_of_the_update():
    w0 = np.zeros((6, 5))
    np.fill_diagonal(w0, [5.0, 4, 3, 2, 1])
    delta = np.arange(30.0).reshape(6, 5) * 1e-3
    found = geometry(w0, w0 + delta, 3)[0]["along_spectrum"]
    squares = (w0 + delta - w0) ** 2 / ((w0 + delta - w0) ** 2).sum()
    blocks = [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert found["edges"] == [1, 2, 3]
    assert found["core"] == [pytest.approx([squares[b, c].sum() for c in blocks]) for b in blocks]
    assert found["left"] == pytest.approx([squares[b].sum() for b in blocks])
    assert found["right"] == pytest.approx([squares[:, c].sum() for c in blocks])


@pytest.mark.parametrize("case", CASES)
def test_blocks_add_up_to_the_shares_at_each_edge(case):
    found = [
        t["geometry"]
        for run in load(HERE / "fixtures" / case / "reference.json.gz")["runs"]
        for t in run["tensors"]
    ]
    for g in (g for g in found if g and g["along_spectrum"]):
        core = np.array(g["along_spectrum"]["core"])
        assert [p["k"] for p in g["sweep"]] == g["along_spectrum"]["edges"]
        for i, p in enumerate(g["sweep"], 1):
            assert 1 - core[:i, :i].sum() == pytest.approx(p["off_principal_share"], abs=1e-12)
            for side in ("left", "right"):
                assert 1 - sum(g["along_spectrum"][side][:i]) == pytest.approx(
                    p[f"off_principal_{side}"], abs=1e-12
                )


def test_the_sweep_is_the_geometry_at_other_ranks():
    rng = np.random.default_rng(4)
    w0 = rng.standard_normal((12, 20))
    w1 = w0 + 0.01 * rng.standard_normal((12, 20))
    points = geometry(w0, w1, 6)[0]["sweep"]
    assert [p["k"] for p in points] == [1, 2, 4, 6]
    for p in points:
        whole, _ = geometry(w0, w1, p["k"])
        for name in (
            "off_principal_share",
            "off_principal_left",
            "off_principal_right",
            "nss_top_k",
            "rotation_max",
            "rotation_median",
            "gap",
        ):
            assert p[name] == pytest.approx(whole[name], rel=1e-9), name
        # What a lesser k leaves known is less.
        assert {
            name: v for name, v in p["chance"].items() if not name.endswith("_least")
        }.items() <= whole["chance"].items()


def test_sines_of_known_rotations():
    c, s = math.cos(0.3), math.sin(0.3)
    w0 = np.diag([5.0, 4, 1, 0.5])
    turn = np.eye(4)
    turn[np.ix_([0, 2], [0, 2])] = turn[np.ix_([1, 3], [1, 3])] = [[c, -s], [s, c]]
    g, _ = geometry(w0, turn @ w0, 2)
    assert (
        g["sin_theta"]["left"] == pytest.approx(math.sqrt(2) * s)
        and g["sin_theta"]["right"] < 1e-14
    )


def test_what_is_undefined_is_null():
    w0 = np.diag([2.0, 1, 1])
    g, _ = geometry(w0, w0, 2)
    assert g["along_spectrum"] is None and g["sin_theta"] == {
        "left": 0,
        "right": 0,
        "chance_left": None,
        "chance_right": None,
    }
    assert g["sweep"][0]["off_principal_share"] is None and g["sweep"][0]["nss_top_k"] == 0
    assert g["chance"]["nss"] == g["chance"]["nss_top_k"] == 0
    assert update(w0, w0, 2)["chance"] is None and update(w0[0], w0[1], 2)["chance"] is None
    assert update(w0, w0 + 1, 3)["chance"] == {"stable_rank": 1, "share_top_k": 1}


@pytest.fixture(scope="module")
def reference():
    return load(HERE / "fixtures/qwen2/reference.json.gz")


def tensor(report, name=MATRIX):
    return next(t for t in report["runs"][0]["tensors"] if t["name"] == name)


def scaled(*path, by):
    def spoil(held):
        for step in path[:-1]:
            held = held[step]
        held[path[-1]] *= by

    return spoil


def put(*path, value):
    def spoil(held):
        for step in path[:-1]:
            held = held[step]
        held[path[-1]] = value

    return spoil


ALONG, SWEEP, SINES = (
    ("geometry", "along_spectrum"),
    ("geometry", "sweep"),
    ("geometry", "sin_theta"),
)
SPOILT = {
    "along_spectrum defined": put(*ALONG, value=None),
    "along_spectrum.edges": put(*ALONG, "edges", value=[1, 2, 4, 7]),
    "along_spectrum.core": scaled(*ALONG, "core", 0, 1, by=1 + 1e-4),
    "along_spectrum.left": scaled(*ALONG, "left", 0, by=1 + 1e-4),
    "along_spectrum.core shape": lambda t: t["geometry"]["along_spectrum"]["core"].pop(),
    "along_spectrum.right": scaled(*ALONG, "right", 3, by=1 - 1e-4),
    "along_spectrum.right length": lambda t: t["geometry"]["along_spectrum"]["right"].pop(),
    "sweep.k": put(*SWEEP, 0, "k", value=3),
    "sweep.off_principal_left": scaled(*SWEEP, 1, "off_principal_left", by=1 - 2e-5),
    "sweep.off_principal_share": put(*SWEEP, 0, "off_principal_share", value=None),
    "sweep.chance": scaled(*SWEEP, 2, "chance", "both", by=1 - 2e-8),
    "sweep.nss_top_k": scaled(*SWEEP, 0, "nss_top_k", by=1.002),
    "sweep.rotation_max": scaled(*SWEEP, 1, "rotation_max", by=1.02),
    "sweep.gap": scaled(*SWEEP, 1, "gap", by=1.0001),
    "sweep.rotation_median": scaled(*SWEEP, 2, "rotation_median", by=1.02),
    "sweep.resolved": put(*SWEEP, 0, "resolved", value=False),
    "sweep.uncertainty covers": scaled(*SWEEP, 0, "rotation_max", by=1.02),
    "sweep.nss_top_k_uncertainty covers": scaled(*SWEEP, 1, "nss_top_k", by=1 + 1e-8),
    "sweep.nss_top_k_uncertainty covers: null": put(*SWEEP, 0, "nss_top_k_uncertainty", value=None),
    "sweep.nss_top_k_uncertainty at k": scaled(*SWEEP, 3, "nss_top_k_uncertainty", by=2),
    "sweep.shares_uncertainty covers": scaled(*SWEEP, 0, "off_principal_right", by=1 - 1e-8),
    "sweep.shares_uncertainty covers: null": put(*SWEEP, 1, "shares_uncertainty", value=None),
    "sweep.shares_uncertainty at k": put(*SWEEP, 3, "shares_uncertainty", value=1),
    "sweep.nss_top_k at k": scaled(*SWEEP, 3, "nss_top_k", by=1 + 1e-6),
    "sin_theta.left": scaled(*SINES, "left", by=1.02),
    "sin_theta.right": scaled(*SINES, "right", by=0.98),
    "sin_theta.chance_left holds the truth": put(*SINES, "chance_left", value=[0.01, 0.01]),
    "sin_theta.chance_right of a known spectrum": scaled(*SINES, "chance_right", 0, by=1 - 1e-9),
    "sin_theta.chance_right defined": put(*SINES, "chance_right", value=None),
    "chance.nss": scaled("geometry", "chance", "nss", by=1 + 3e-6),
    "chance.nss_top_k": put("geometry", "chance", "nss_top_k", value=None),
    "update.chance defined": put("update", "chance", value=None),
    "update.chance.stable_rank": scaled("update", "chance", "stable_rank", by=1 + 2e-8),
    "update.chance.share_top_k": scaled("update", "chance", "share_top_k", by=1 + 2e-6),
}


@pytest.mark.parametrize("metric", SPOILT)
def test_a_wrong_figure_goes_red(reference, metric):
    report = as_report(reference)
    SPOILT[metric](tensor(report))
    assert any(f"{MATRIX}: {metric}" in line for line in compare(report, reference).failures)


def failures_of_one(reference, spoil, name=MATRIX):
    """Of the comparison of a report that knows k + 1 singular values only; rollups aside."""
    report = as_report(reference)
    g, want = tensor(report, name)["geometry"], tensor(reference, name)
    g.update(exact=False, nss=None)
    s, k, size = np.array(g["spectrum_base"]), g["k"], want["update"]["frobenius_update"]
    spans = chance.sine_norms(s, want["shape"], k, size, k + 1)
    g["sin_theta"].update(chance_left=spans[0], chance_right=spans[1])
    spoil(g)
    return [
        line
        for line in compare(report, reference).failures
        if line.startswith(f"run 0 {name}: sin_theta") or line.startswith(f"run 0 {name}: chance")
    ]


def test_an_interval_is_right_where_the_spectrum_is_not_known(reference):
    assert failures_of_one(reference, lambda g: None) == []


@pytest.mark.parametrize(
    "end, of, by, said",
    [
        (0, "truth", 1.001, "holds the truth"),
        (1, "truth", 0.999, "holds the truth"),
        (0, "own", 0.999, "width"),
        (1, "own", 1.001, "width"),
    ],
)
def test_an_interval_is_wrong(reference, end, of, by, said):
    def spoil(g):
        span = g["sin_theta"]["chance_left"]
        span[end] = by * (
            tensor(reference)["geometry"]["sin_theta"]["chance_left"][0]
            if of == "truth"
            else span[end]
        )

    found = failures_of_one(reference, spoil)
    assert len(found) == 1 and f"sin_theta.chance_left {said}" in found[0], found


def test_without_the_spectrum_the_rank_is_not_known(reference):
    deficient = "model.layers.0.self_attn.o_proj.weight"
    want = tensor(reference, deficient)
    full = want["update"]["relative_update"] / math.sqrt(97)
    assert want["geometry"]["k"] == 5 and want["geometry"]["chance"]["nss"] > 5 * full
    say = put("chance", "nss", value=full)
    assert failures_of_one(reference, say, deficient) == []
    exact = as_report(reference)
    say(tensor(exact, deficient)["geometry"])
    assert any(
        f"{deficient}: chance.nss deviates" in line for line in compare(exact, reference).failures
    )


def test_an_identical_tensor_reads_zero(reference):
    g = tensor(reference, SAME)["geometry"]
    assert g["along_spectrum"] is None and g["sin_theta"]["chance_left"] == [0, 0]
    report = as_report(reference)
    tensor(report, SAME)["geometry"]["sin_theta"]["left"] = 1e-12
    tensor(report, SAME)["geometry"]["sweep"][0]["rotation_max"] = 1e-12
    found = " ".join(compare(report, reference).failures)
    assert f"{SAME}: sin_theta.left" in found and f"{SAME}: sweep.rotation_max" in found


def test_a_report_without_these_figures(reference):
    report = as_report(reference)
    for t in report["runs"][0]["tensors"]:
        del t["update"]["chance"]
        for name in ("along_spectrum", "sweep", "sin_theta") if t["geometry"] else ():
            del t["geometry"][name]
        if t["geometry"]:
            t["geometry"]["chance"] = {
                side: t["geometry"]["chance"][side] for side in ("both", "left", "right")
            }
    failures = [line for line in compare(report, reference).failures if "rollup" not in line]
    assert {line.split(": ")[1] for line in failures} == {
        "update.chance",
        "geometry.along_spectrum",
        "geometry.sweep",
        "geometry.sin_theta",
        "geometry.chance.nss",
        "geometry.chance.draws",
        "masks.sweep",
    }
