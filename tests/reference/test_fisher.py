"""Fisher-weighted figures: the reference by hand."""

import math

import numpy as np
import pytest

from definitions.checkpoint import Tensor
from definitions.files import load
from definitions.fisher import fisher_figures, share_out
from make_fixtures import HERE
from test_overlap import DOWN, GATE, UP, K, V, make_single

CASE = HERE / "fixtures/three_runs"


@pytest.fixture(scope="module")
def reference():
    return load(CASE / "reference.json.gz")


def index_tensors(report, run=0):
    return {t["name"]: t for t in report["runs"][run]["tensors"]}


def test_figures_by_hand():
    # Updates 1, -2, 0, 0 with F = 2, 1/2, 5, 1/2.
    f = fisher_figures(
        make_single([1, 1, 1, 1]), make_single([2, -1, 1, 1]), make_single([2, 0.5, 5, 0.5]), 1e-3
    )
    assert f == {
        "kl_quadratic": 2,
        "kl_share": None,
        "weighted_norm": 2,
        "mass": 8,
        "mass_on_changed": 2.5 / 8,
        "chance": 0.5,
    }


def test_what_bf16_hides_still_costs():
    f = fisher_figures(make_single([1, 1]), make_single([1 + 2**-10, 1]), make_single([4, 4]), 1e-3)
    assert f["kl_quadratic"] == 2**-19 and f["mass_on_changed"] == f["chance"] == 0


def test_a_weight_that_is_not_a_number_has_mass_and_no_distance():
    f = fisher_figures(make_single([1, math.nan]), make_single([2, 1]), make_single([1, 3]), 1e-3)
    assert f["kl_quadratic"] == 0.5 and f["mass_on_changed"] == 1 and f["chance"] == 1


def test_no_mass_is_null_and_no_update_has_no_share():
    f = fisher_figures(make_single([1, 1]), make_single([2, 1]), make_single([0, 0]), 1e-3)
    assert (
        f["mass"] == f["kl_quadratic"] == 0 and f["mass_on_changed"] is None and f["chance"] == 0.5
    )
    share_out([f, None])
    assert f["kl_share"] is None


@pytest.mark.parametrize(
    "fisher",
    [
        None,
        make_single([1, 1]),
        make_single([[1, 1, 1]]),
        make_single([1, math.nan, 1]),
        make_single([1, -1e-9, 1]),
        make_single([1, math.inf, 1]),
        Tensor("t", "F8_E4M3", (3,), None),
    ],
)
def test_without_a_diagonal_of_this_tensor_there_is_nothing(fisher):
    assert fisher_figures(make_single([1, 1, 1]), make_single([1, 1, 2]), fisher, 1e-3) is None


def test_shares_add_up_to_one():
    parts = [{"kl_quadratic": x} for x in (1.0, 3.0, 0.0)]
    share_out([*parts, None])
    assert [p["kl_share"] for p in parts] == [0.25, 0.75, 0]


def test_the_fixture_holds_what_it_is_for(reference):
    for run in range(3):
        found = {name: t["fisher"] for name, t in index_tensors(reference, run).items()}
        for name in (GATE, "extra.row.weight", "model.norm.weight", "lm_head.weight"):
            assert found.get(name) is None, name
        assert found[K]["mass"] == 0 and found[K]["mass_on_changed"] is None
        assert found[DOWN]["kl_quadratic"] > 0
        assert math.fsum(f["kl_share"] for f in found.values() if f) == pytest.approx(1, rel=1e-14)
    assert index_tensors(reference, 1)[V]["fisher"]["kl_share"] == 0
    # The mass of random numbers knows nothing of the update.
    up = index_tensors(reference)[UP]["fisher"]
    assert up["mass_on_changed"] == pytest.approx(up["chance"], rel=0.1)
    assert found["model.layers.0.mlp.experts.down_proj[1]"]


def test_rollups_add_up_to_the_run(reference):
    for run in reference["runs"]:
        sums = [
            math.fsum(r[name] or 0 for r in run["modules"]) for name in ("kl_quadratic", "kl_share")
        ]
        assert sums == pytest.approx([run["model"]["kl_quadratic"], 1], rel=1e-14)
        assert (
            next(r for r in run["modules"] if r["key"] == "gate" or r["key"] == "norm")[
                "kl_quadratic"
            ]
            is None
        )


def test_sums_are_not_taken_in_single_precision():
    n = 2**14
    f = fisher_figures(
        make_single(np.zeros(n)),
        make_single(np.full(n, 2**-10)),
        make_single([2**30] + [1] * (n - 1)),
        1e-3,
    )
    assert f["mass"] == 2**30 + n - 1
