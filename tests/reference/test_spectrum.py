"""Figures along the spectrum, in closed forms."""

import math

import numpy as np
import pytest

from definitions.files import load
from definitions.geometry import geometry
from definitions.spectrum import edges
from definitions.update import update
from make_fixtures import CASES, HERE


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
