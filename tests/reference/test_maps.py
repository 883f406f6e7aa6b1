"""Maps: cells counted by hand."""

import base64
import math

import numpy as np
import pytest

from definitions.files import load
from definitions.maps import consensus_map, density, divide_grid, maps, principal_masks, size
from make_fixtures import CASES, HERE


def decode_map(text):
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
    assert divide_grid(shape, side) == {
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
    assert decode_map(text) == [21, 255, 128, 0] and undecided == [2]


def test_a_single_weight_of_many_is_not_nothing():
    mask = np.zeros((1000, 2), dtype=bool)
    mask[7, 1] = True
    assert decode_map(density(mask, 1)[0]) == [1]


def test_sizes_of_cells_are_means_over_finite_weights():
    w0 = np.zeros((2, 6))
    w1 = np.array([[4.0, -4, 2, math.nan, math.nan, math.inf], [4, 4, 2, 2, 3, math.nan]])
    w0[1, 4] = math.nan
    text, undecided, largest = size(w0, w1, 3)
    # Two rows, three columns of 1 x 2: means 4 (largest), 2, none, and 4, 2, none.
    assert largest == 4 and decode_map(text) == [255, 239, 0, 255, 239, 0] and undecided == []


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
    assert decode_map(text) == [255, 247, 2, 1, 1, 0, 0] and undecided == []
    # Right on the step between 0 and 1, and between 1 and 2.
    text, undecided, _ = size(
        np.zeros((1, 3)), np.array([[1, 2 ** (-254.5 / 16), 2 ** (-253.5 / 16)]]), 64
    )
    assert undecided == [1, 2]


def test_no_update_is_all_zero():
    text, undecided, largest = size(np.ones((3, 3)), np.ones((3, 3)), 2)
    assert decode_map(text) == [0] * 4 and undecided == [] and largest == 0


def test_a_consensus_is_of_all_runs():
    a, b = np.array([[True, True], [False, True]]), np.array([[True, False], [False, True]])
    found = consensus_map(np.array([a, b]), 64)
    assert decode_map(found["all"]) == [255, 0, 0, 255] and found["rows"] == found["columns"] == 2
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
                sum(decode_map(t["maps"]["changed"]))
                / 255
                / (t["maps"]["rows"] * t["maps"]["columns"])
            )
            assert changed == pytest.approx(1 - t["precision"]["sparsity_bf16"], abs=0.1)
    for e in report["overlaps"]:
        assert (e["consensus_map"] is not None) == (e["row_consensus"] is not None)
