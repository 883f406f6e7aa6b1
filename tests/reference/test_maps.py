"""Maps: cells counted by hand, and the comparison that must go red."""

import base64
import math

import numpy as np
import pytest

from compare import compare
from make_fixtures import CASES, HERE
from definitions import bars_maps
from definitions.files import load
from definitions.ledger import Ledger
from definitions.maps import consensus_map, density, grid, maps, principal_masks, size
from test_compare import as_report

MATRIX = "model.layers.0.self_attn.q_proj.weight"


def read(text):
    return list(base64.b64decode(text, validate=True))


@pytest.mark.parametrize(
    "shape, side, rows, columns, row_group, column_group",
    [
        ((5, 7), 2, 2, 2, 3, 4),
        ((64, 65), 64, 64, 33, 1, 2),
        ((3, 1), 64, 3, 1, 1, 1),
        ((151936, 896), 256, 256, 224, 594, 4),
        ((9, 9), 4, 3, 3, 3, 3),
    ],
)
def test_grids(shape, side, rows, columns, row_group, column_group):
    assert grid(shape, side) == {
        "rows": rows,
        "columns": columns,
        "row_group": row_group,
        "column_group": column_group,
    }


def test_densities_of_cells_by_hand():
    # Cells of 3 x 4, 3 x 3, 2 x 4 and 2 x 3 weights.
    mask = np.zeros((5, 7), dtype=bool)
    mask[0, 0] = mask[4, 0:4] = mask[:3, 4:] = True
    text, undecided = density(mask, 2)
    # 1/12 of 255 is 21.25; 9/9; 4/8 is 127.5, which rounding decides; nothing.
    assert read(text) == [21, 255, 128, 0] and undecided == [2]


def test_a_single_weight_of_many_is_not_nothing():
    mask = np.zeros((1000, 2), dtype=bool)
    mask[7, 1] = True
    assert read(density(mask, 1)[0]) == [1]


def test_sizes_of_cells_are_means_over_finite_weights():
    w0 = np.zeros((2, 6))
    w1 = np.array([[4.0, -4, 2, math.nan, math.nan, math.inf], [4, 4, 2, 2, 3, math.nan]])
    w0[1, 4] = math.nan
    text, undecided, largest = size(w0, w1, 3)
    # Two rows, three columns of 1 x 2: means 4 (largest), 2, none, and 4, 2, none.
    assert largest == 4 and read(text) == [255, 239, 0, 255, 239, 0] and undecided == []


def test_sizes_are_logarithmic_and_end_at_a_byte():
    steps = np.array(
        [
            [
                1,
                2**-0.5,
                2 ** (-253 / 16),
                2 ** (-254 / 16),
                2 ** (-254.4 / 16),
                2 ** (-254.6 / 16),
                0,
            ]
        ]
    )
    text, undecided, _ = size(np.zeros((1, 7)), steps, 64)
    assert read(text) == [255, 247, 2, 1, 1, 0, 0] and undecided == []
    # Right on the step between 0 and 1, and between 1 and 2.
    text, undecided, _ = size(
        np.zeros((1, 3)), np.array([[1, 2 ** (-254.5 / 16), 2 ** (-253.5 / 16)]]), 64
    )
    assert undecided == [1, 2]


def test_no_update_is_all_zero():
    text, undecided, largest = size(np.ones((3, 3)), np.ones((3, 3)), 2)
    assert read(text) == [0] * 4 and undecided == [] and largest == 0


def test_a_consensus_is_of_all_runs():
    a, b = np.array([[True, True], [False, True]]), np.array([[True, False], [False, True]])
    found = consensus_map(np.array([a, b]), 64)
    assert read(found["all"]) == [255, 0, 0, 255] and found["rows"] == found["columns"] == 2
    assert consensus_map(np.array([a[0], b[0]]), 64) is consensus_map(np.array([a, b]), 0) is None


def test_no_maps_of_vectors_or_none_asked_for():
    w, mask = np.ones((4, 4)), np.ones((4, 4), dtype=bool)
    assert maps(w, w, mask, None, 0.1, 0) is maps(w[0], w[0], mask[0], None, 0.1, 64) is None
    assert maps(w, w, mask, None, 0.1, 2)["principal"] is None


def test_masks_of_a_sampled_threshold_are_nested_around_the_true_one():
    values = np.random.default_rng(5).standard_normal((400, 200))
    true, fewest, most = principal_masks(values, 0.1)
    assert true.sum() == 8000 and not (fewest & ~true).any() and not (true & ~most).any()
    # 5 sqrt(0.1 0.9 / 65536) is 0.59 % of 80 000; values that rounding may move across count
    # besides.
    assert abs(fewest.sum() - 7531) <= 5 and abs(most.sum() - 8469) <= 5
    # Near the ends there is nothing less than nothing and no more than all.
    assert (
        principal_masks(values, 2e-4)[1].sum() == 0
        and principal_masks(values, 1 - 2e-4)[2].sum() == values.size
    )
    # Of few entries the sample is all.
    true, fewest, most = principal_masks(values[:100], 0.1)
    assert 1998 <= fewest.sum() < true.sum() == 2000 < most.sum() <= 2002


@pytest.mark.parametrize(
    "alpha, passes", [(0.1, True), (0.1055, True), (0.0945, True), (0.12, False), (0.08, False)]
)
def test_a_principal_map_is_held_to_what_its_sample_says(alpha, passes):
    w = np.random.default_rng(6).standard_normal((400, 200))
    changed = np.zeros(w.shape, dtype=bool)
    want, got = maps(w, w, changed, w, 0.1, 8), maps(w, w, changed, w, alpha, 8)
    ledger = Ledger()
    bars_maps.principal(ledger, got, want, {"resolved": True, "exact": False, "gap": 0.01})
    assert (ledger.failures == []) == passes
    ledger = Ledger()
    bars_maps.principal(ledger, got, want, {"resolved": True, "exact": False, "gap": 0.001})
    assert ledger.failures == []


@pytest.mark.parametrize("case", CASES)
def test_maps_are_where_matrices_are(case):
    report = load(HERE / "fixtures" / case / "reference.json.gz")
    for t in (t for run in report["runs"] for t in run["tensors"]):
        assert (t["maps"] is not None) == (len(t["shape"]) == 2)
        if t["maps"]:
            assert (t["maps"]["principal"] is not None) == (t["geometry"] is not None)
            # Cells hold the weights' share, but for rounding and for cells of little that count as
            # one.
            changed = (
                sum(read(t["maps"]["changed"])) / 255 / (t["maps"]["rows"] * t["maps"]["columns"])
            )
            assert changed == pytest.approx(1 - t["precision"]["sparsity_bf16"], abs=0.1)
    for e in report["overlaps"]:
        assert (e["consensus_map"] is not None) == (e["row_consensus"] is not None)


@pytest.fixture(scope="module")
def reference():
    return load(HERE / "fixtures/qwen2/reference.json.gz")


def moved(text, by, where):
    """The map with one byte moved."""
    cells = bytearray(base64.b64decode(text))
    cells[where] += by if cells[where] + by in range(256) else -by
    return base64.b64encode(cells).decode()


def byte(part, by=1, where=5):
    return lambda held: held.update({part: moved(held[part], by, where)})


SPOILT = {
    "maps.changed": byte("changed"),
    "maps.update": byte("update"),
    "maps.principal": byte("principal", by=100),
    "maps grid": lambda m: m.update(row_group=4),
    "maps.update_max": lambda m: m.update(update_max=m["update_max"] * (1 + 2e-6)),
    "maps.changed: is no base64": lambda m: m.update(changed=m["changed"][:-1]),
    "maps.alpha": lambda m: m.update(alpha=0.3),
    "maps.update: 0 cells": lambda m: m.update(update=""),
    "maps.principal defined": lambda m: m.update(principal=None),
}


@pytest.mark.parametrize("metric", SPOILT)
def test_a_wrong_map_goes_red(reference, metric):
    report = as_report(reference)
    SPOILT[metric](next(t for t in report["runs"][0]["tensors"] if t["name"] == MATRIX)["maps"])
    failures = compare(report, reference).failures
    assert len(failures) == 1 and f"{MATRIX}: {metric}" in failures[0]


def test_only_where_rounding_decides_may_a_byte_be_off_by_one(reference):
    report = as_report(reference)
    t = next(
        t for t in report["runs"][0]["tensors"] if t["maps"] and t["maps"]["changed_undecided"]
    )
    where = t["maps"]["changed_undecided"][0]
    byte("changed", by=-1, where=where)(t["maps"])
    assert compare(report, reference).failures == []
    byte("changed", by=-1, where=where)(t["maps"])
    assert any("maps.changed deviates by 2" in line for line in compare(report, reference).failures)


def test_a_wrong_consensus_goes_red():
    reference = load(HERE / "fixtures/three_runs/reference.json.gz")
    report = as_report(reference)
    entry = next(e for e in report["overlaps"] if e["name"] == MATRIX)
    byte("all")(entry["consensus_map"])
    assert any(
        f"overlaps {MATRIX}: overlaps.consensus_map deviates by 1" in line
        for line in compare(report, reference).failures
    )
    entry["consensus_map"] = None
    assert any(
        "overlaps.consensus_map defined" in line for line in compare(report, reference).failures
    )


def test_a_report_without_maps_or_with_other_cells(reference):
    report = as_report(reference)
    for t in report["runs"][0]["tensors"]:
        del t["maps"]
    failures = compare(report, reference).failures
    assert len(failures) == len(report["runs"][0]["tensors"]) and all(
        ": maps: missing" in line for line in failures
    )
    report["settings"]["map_side"] = 64
    assert any("settings.map_side" in line for line in compare(report, reference).failures)
