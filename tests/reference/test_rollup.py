"""Rollups: the reference's against a case added up by hand."""

import math

import pytest

from definitions.files import load
from definitions.rollup import rollup, rollups
from make_fixtures import CASES, HERE


def make_tensor(name, parameters, unchanged, nss=None, changed=0, both=0):
    """Returns a tensor with just what rollups read; a matrix where it has an NSS."""
    geometry = nss and {
        "nss": nss,
        "nss_top_k": nss,
        "rotation_max": 10 * nss,
        "rotation_median": nss,
        "gap": 0.5,
        "off_principal_share": 0.5,
        "off_principal_left": 0.25,
        "off_principal_right": None,
        "chance": {"both": 0.75},
    }
    part = {"size": 5, "both": both}
    mask = {
        "alpha": 0.1,
        "changed": changed,
        "principal": part,
        "low": part,
        "principal_not_low": part,
        "safe": part,
    }
    return {
        "name": name,
        "layer": None,
        "module": "q",
        "parameters": parameters,
        "precision": {
            "unchanged": unchanged,
            "bit_equal": 1,
            "non_finite": 2,
            "sparsity_abs": unchanged / parameters,
            "hidden_by_bf16": 0.0,
        },
        "update": {
            "frobenius_base": 3.0,
            "frobenius_update": 4.0,
            "max_abs_update": 0.1 * parameters,
            "stable_rank": None,
            "share_top_k": 0.5,
        },
        "geometry": geometry,
        "masks": [mask] if nss else [],
    }


def test_sums_and_means_by_hand():
    r = rollup(
        "q",
        [
            make_tensor("a", 10, 1, nss=0.1, changed=8, both=2),
            make_tensor("b", 30, 27, nss=0.2, changed=2, both=2),
            make_tensor("c", 60, 2, nss=0.6),
            make_tensor("vector", 100, 20),
        ],
    )
    assert (r["tensors"], r["matrices"], r["parameters"], r["unchanged"]) == (4, 3, 200, 50)
    assert (r["bit_equal"], r["non_finite"], r["max_abs_update"]) == (4, 8, 10.0)
    # Weighted by parameters: the mean of the four shares would be 0.31.
    assert r["sparsity_bf16"] == r["sparsity_abs"] == 0.25
    assert r["relative_update"] == pytest.approx(4 / 3)
    # Not weighted: one third each.
    assert r["spectral"]["nss"] == pytest.approx(
        {"count": 3, "mean": 0.3, "min": 0.1, "median": 0.2, "max": 0.6}
    )
    assert "stable_rank" not in r["spectral"] and "off_principal_right" not in r["spectral"]
    assert r["spectral"]["share_top_k"]["count"] == 4
    # Four of ten changed weights lie in fifteen of a hundred: the vector has no masks and counts
    # nowhere.
    low = r["masks"][0]["low"]
    assert (low["size"], low["both"], low["overlap"], low["chance"]) == (15, 4, 0.4, 0.15)
    assert low["enrichment"] == pytest.approx(8 / 3)


def test_kl_is_a_sum_over_the_tensors_that_have_one():
    def with_kl(quadratic, share):
        return {
            **make_tensor("t", 10, 1),
            "fisher": (quadratic is not None and {"kl_quadratic": quadratic, "kl_share": share})
            or None,
        }

    r = rollup(
        "q",
        [
            with_kl(1.0, 0.25),
            with_kl(None, None),
            with_kl(2.0, 0.5),
            make_tensor("no Fisher file", 10, 1),
        ],
    )
    assert (r["kl_quadratic"], r["kl_share"]) == (3, 0.75)
    assert [rollup("q", [with_kl(None, None)])[name] for name in ("kl_quadratic", "kl_share")] == [
        None,
        None,
    ]
    # Nothing moved in the whole run: there is no part of it.
    r = rollup("q", [with_kl(0.0, None), with_kl(0.0, None)])
    assert (r["kl_quadratic"], r["kl_share"]) == (0, None)


def test_median_of_an_even_number_and_of_resolved_rotations_only():
    tensors = [make_tensor("abcd"[i], 10, 1, nss=n) for i, n in enumerate((0.4, 0.1, 0.2, 0.8))]
    tensors[3]["geometry"]["gap"] = 1e-7
    r = rollup("q", tensors)
    assert r["spectral"]["nss"]["median"] == pytest.approx(0.3)
    assert r["spectral"]["rotation_max"] == pytest.approx(
        {"count": 3, "mean": 7 / 3, "min": 1, "median": 2, "max": 4}
    )


def test_nothing_is_null_not_zero():
    r = rollup("q", [])
    assert (
        r["sparsity_bf16"] is None
        and r["relative_update"] is None
        and r["spectral"] == {}
        and r["masks"] == []
    )
    assert rollup("q", [{**make_tensor("a", 10, 1), "precision": None}])["tensors"] == 0


def test_groups_are_layers_ascending_and_modules_by_name():
    tensors = [make_tensor("abc"[i], 10, i) for i in range(3)]
    for t, (layer, module) in zip(tensors, ((10, "v"), (2, "k"), (None, "embed"))):
        t["layer"], t["module"] = layer, module
    r = rollups(tensors)
    assert [g["key"] for g in r["layers"]] == ["2", "10"] and [g["key"] for g in r["modules"]] == [
        "embed",
        "k",
        "v",
    ]
    assert r["model"]["parameters"] == 30


@pytest.mark.parametrize("case", CASES)
def test_each_tensor_is_in_the_model_and_one_module(case):
    run = load(HERE / "fixtures" / case / "reference.json.gz")["runs"][0]
    assert (
        run["model"]["tensors"] == len(run["tensors"]) == sum(r["tensors"] for r in run["modules"])
    )
    stored = math.fsum(t["parameters"] for t in run["tensors"])
    assert run["model"]["parameters"] == stored
