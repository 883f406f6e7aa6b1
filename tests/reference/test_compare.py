"""The comparison must go red: the reference's own figures, made into a report, then spoiled one by one."""

import copy

import pytest

from compare import compare
from make_fixtures import CASES, HERE
from definitions import bars_chance
from definitions.files import load

MATRIX = "model.layers.0.self_attn.q_proj.weight"


def as_report(reference):
    """What a perfect product would say."""
    report = copy.deepcopy(reference)
    for run in report["runs"]:
        for t in run["tensors"]:
            t["status"], t["geometry_note"] = "done", "none"
            if t["update"]:
                t["update"]["spectrum_error"] = 0.0
            if t["geometry"]:
                nss = t["geometry"]["nss"]
                t["geometry"].update(
                    exact=True,
                    nss_interval=[nss, nss],
                    vector_rotation_uncertainty=[1e-9] * t["geometry"]["k"],
                )
                defined = t["geometry"]["chance"]["rotation_max"] is not None
                t["geometry"]["chance"]["draws"] = bars_chance.DRAWS if defined else None
                for point in (t["geometry"], *t["geometry"]["sweep"]):
                    point.update(
                        resolved=point["gap"] > 1e-6,
                        uncertainty=5e-6,
                        nss_top_k_uncertainty=1e-9 * point["nss_top_k"],
                        shares_uncertainty=2e-9,
                    )
    return report


@pytest.mark.parametrize("case", CASES)
def test_the_reference_passes_its_own_bars(case):
    reference = load(HERE / "fixtures" / case / "reference.json.gz")
    assert compare(as_report(reference), reference).failures == []


def scale(*path, by):
    def spoil(tensor):
        for step in path[:-1]:
            tensor = tensor[step]
        tensor[path[-1]] *= by

    return spoil


def put(*path, value):
    def spoil(tensor):
        for step in path[:-1]:
            tensor = tensor[step]
        tensor[path[-1]] = value

    return spoil


SPOILT = {
    "unchanged": put("precision", "unchanged", value=1),
    "ulp_histogram": put("precision", "ulp_histogram", "counts", 17, value=1),
    "sparsity_bf16": scale("precision", "sparsity_bf16", by=1.0001),
    "spectrum_base": scale("geometry", "spectrum_base", 3, by=1 + 2e-6),
    "spectrum_tuned": scale("geometry", "spectrum_tuned", 0, by=1 + 2e-6),
    "nss_top_k": scale("geometry", "nss_top_k", by=1.002),
    "nss": scale("geometry", "nss", by=0.998),
    "nss_interval": put("geometry", "nss_interval", value=[0, 0]),
    "rotation_max": scale("geometry", "rotation_max", by=1.02),
    "uncertainty covers": scale("geometry", "rotation_max", by=1.02),
    "nss_top_k_uncertainty covers": scale("geometry", "nss_top_k", by=1 + 1e-8),
    "shares_uncertainty covers": scale("geometry", "off_principal_share", by=1 + 1e-8),
    "nss_top_k_uncertainty covers: null": put("geometry", "nss_top_k_uncertainty", value=None),
    "shares_uncertainty covers: null": put("geometry", "shares_uncertainty", value=None),
    "vector_rotation_left": scale("geometry", "vector_rotation_left", 0, by=1.1),
    "vector_rotation_right length": lambda t: t["geometry"]["vector_rotation_right"].pop(),
    "vector_rotation_uncertainty covers": scale(
        "geometry", "vector_rotation_right", 2, by=1 + 1e-5
    ),
    "vector_rotation_uncertainty length: 0 instead of 8": put(
        "geometry", "vector_rotation_uncertainty", value=None
    ),
    "vector_rotation_uncertainty covers: null": put(
        "geometry", "vector_rotation_uncertainty", 1, value=None
    ),
    "vector_rotation_uncertainty length": lambda t: t["geometry"][
        "vector_rotation_uncertainty"
    ].pop(),
    "angles_left": scale("geometry", "angles_left", 0, by=1.02),
    "angles_right": put("geometry", "angles_right", 0, value=float("nan")),
    "resolved": put("geometry", "resolved", value=False),
    "k": put("geometry", "k", value=7),
    "off_principal_share": scale("geometry", "off_principal_share", by=1 - 2e-5),
    "spectral_norm": scale("update", "spectral_norm", by=1.002),
    "stable_rank": scale("update", "stable_rank", by=1.002),
    "rank_share": put("update", "rank_share", value=0.5),
    "principal_threshold": scale("masks", 0, "principal_threshold", by=1.001),
    "principal.size": scale("masks", 0, "principal", "size", by=1.1),
    "safe.both": scale("masks", 0, "safe", "both", by=0.9),
    "masks.sweep ranks": put("masks", 0, "sweep", 1, "k", value=3),
    "masks.sweep.principal_threshold": scale(
        "masks", 1, "sweep", 0, "principal_threshold", by=1.001
    ),
    "masks.sweep.principal.size": scale("masks", 1, "sweep", 0, "principal", "size", by=1.01),
    "masks.sweep.principal_not_low.both": scale(
        "masks", 1, "sweep", 1, "principal_not_low", "both", by=1.01
    ),
    "masks.sweep.safe.size": scale("masks", 0, "sweep", 2, "safe", "size", by=0.99),
    "masks.sweep.principal.overlap defined": put(
        "masks", 0, "sweep", 0, "principal", "overlap", value=None
    ),
    "masks.sweep.safe at k": scale("masks", 0, "sweep", 3, "safe", "both", by=0.999),
    "geometry defined": put("geometry", value=None),
    "module": put("module", value="other"),
}


@pytest.mark.parametrize("metric", SPOILT)
def test_a_wrong_figure_goes_red(metric):
    reference = load(HERE / "fixtures/qwen2/reference.json.gz")
    report = as_report(reference)
    SPOILT[metric](next(t for t in report["runs"][0]["tensors"] if t["name"] == MATRIX))
    failures = compare(report, reference).failures
    assert any(f"{MATRIX}: {metric}" in line for line in failures), failures


@pytest.mark.parametrize(
    "name",
    ["nss_top_k_uncertainty", "vector_rotation_uncertainty", "shares_uncertainty", "sin_theta"],
)
def test_a_field_that_is_missing_is_named(name):
    reference = load(HERE / "fixtures/qwen2/reference.json.gz")
    report = as_report(reference)
    del next(t for t in report["runs"][0]["tensors"] if t["name"] == MATRIX)["geometry"][name]
    failures = compare(report, reference).failures
    assert (
        len(failures) == 1
        and failures[0].startswith(f"run 0 {MATRIX}: ")
        and failures[0].endswith(f"{name}: missing")
    )


@pytest.mark.parametrize("name", ["settings", "runs", "overlaps"])
def test_a_missing_part_of_the_report_is_named(name):
    reference = load(HERE / "fixtures/tiny/reference.json.gz")
    report = as_report(reference)
    del report[name]
    assert compare(report, reference).failures[-1].endswith(f": {name}: missing")


def test_a_report_without_masks_by_rank():
    reference = load(HERE / "fixtures/qwen2/reference.json.gz")
    report = as_report(reference)
    for m in (m for t in report["runs"][0]["tensors"] for m in t["masks"]):
        del m["sweep"]
    failures = [line for line in compare(report, reference).failures if "rollup" not in line]
    assert failures and all("masks.sweep: missing" in line for line in failures)


def test_an_undefined_subspace_has_no_mask():
    reference = load(HERE / "fixtures/qwen2/reference.json.gz")
    report = as_report(reference)
    t = next(t for t in report["runs"][0]["tensors"] if t["name"] == MATRIX)
    t["geometry"]["sweep"][1]["resolved"] = False
    t["masks"][0]["sweep"][1]["principal"]["size"] += 999
    assert not any("masks.sweep" in line for line in compare(report, reference).failures)


def test_a_missing_tensor_and_reason_go_red():
    reference = load(HERE / "fixtures/mismatched/reference.json.gz")
    report = as_report(reference)
    report["runs"][0]["tensors"].pop()
    report["runs"][0]["left_out"].pop()
    failures = " ".join(compare(report, reference).failures)
    assert "tensor names" in failures and "left_out" in failures


def test_an_identical_tensor_must_read_zero():
    reference = load(HERE / "fixtures/qwen2/reference.json.gz")
    report = as_report(reference)
    name = "model.layers.0.self_attn.k_proj.weight"
    tensor = next(t for t in report["runs"][0]["tensors"] if t["name"] == name)
    tensor["geometry"]["angles_left"][0] = 1e-12
    tensor["geometry"]["nss_top_k"] = 1e-15
    failures = " ".join(compare(report, reference).failures)
    assert f"{name}: angles_left" in failures and f"{name}: nss_top_k" in failures
