"""Several runs: the reference against cases worked out by hand."""

import itertools
import math

import numpy as np
import pytest

from definitions.checkpoint import Tensor, read
from definitions.files import load
from definitions.overlap import exactly_in, overlaps, tensor_overlaps
from definitions.pairing import pair
from definitions.profile import group_means
from make_fixtures import HERE, list_tuned_folders

CASE = HERE / "fixtures/three_runs"
SAMPLES = HERE.parent.parent / "samples"
UP, K, V, DOWN, GATE = (
    f"model.layers.0.{part}_proj.weight"
    for part in ("mlp.up", "self_attn.k", "self_attn.v", "mlp.down", "mlp.gate")
)


def make_single(values, name="t"):
    """Returns a float32 tensor."""
    stored = np.array(values, dtype=np.float32)
    return Tensor(name, "F32", stored.shape, stored.view(np.uint32))


@pytest.fixture(scope="module")
def reference():
    return load(CASE / "reference.json.gz")


@pytest.fixture
def entries(reference):
    return {e["name"]: e for e in reference["overlaps"]}


def test_three_runs_of_eight_weights_by_hand():
    # A = {0, 1, 2, 3}, B = {0, 1, 4}, C = {0}: rows (0 1 2 3) and (4 5 6 7).
    base = make_single(np.ones((2, 4)))
    a, b, c = (
        [[3, 2, 2, 2], [1, 1, 1, 1]],
        [[3, 0, 1, 1], [2, 1, 1, 1]],
        [[0, 1, 1, 1], [1, 1, 1, 1]],
    )
    e = tensor_overlaps(base, {0: make_single(a), 1: make_single(b), 2: make_single(c)}, 1e-3)
    assert (e["name"], e["runs"], e["parameters"], e["changed"]) == ("t", [0, 1, 2], 8, [4, 3, 1])
    assert e["both"] == [[4, 2, 1], [2, 3, 1], [1, 1, 1]]
    assert e["jaccard"] == [[1, 2 / 5, 1 / 4], [2 / 5, 1, 1 / 3], [1 / 4, 1 / 3, 1]]
    assert e["mean_jaccard"] == pytest.approx((2 / 5 + 1 / 4 + 1 / 3) / 3)
    # pq / (p + q - pq) of the densities 1/2, 3/8 and 1/8: 3/11, 1/9 and 3/29.
    assert [e["jaccard_chance"][i][j] for i, j in ((0, 1), (0, 2), (1, 2))] == pytest.approx(
        [3 / 11, 1 / 9, 3 / 29]
    )
    assert e["mean_jaccard_chance"] == pytest.approx((3 / 11 + 1 / 9 + 3 / 29) / 3)
    assert e["one_sided"][0] == [1, 1 / 2, 1 / 4] and e["one_sided"][2] == [1, 1, 1]
    assert e["exactly"] == [3, 3, 1, 1]
    # 1/2 * 5/8 * 7/8 = 35/128; all three: 1/2 * 3/8 * 1/8 = 3/128; the rest likewise.
    assert e["exactly_chance"] == pytest.approx([35 / 128, 61 / 128, 29 / 128, 3 / 128], rel=1e-15)
    assert e["row_consensus"] == {
        "length": 2,
        "values": [0.25, 0],
        "min": 0,
        "median": 0.125,
        "max": 0.25,
    }
    assert e["column_consensus"]["values"] == [0.5, 0, 0, 0]
    # Deltas (2 1 1 1 0 ...), (2 -1 0 0 1 ...) and (-1 0 0 0 ...).
    assert e["dot"] == [[7, 3, -2], [3, 6, -2], [-2, -2, 1]]
    assert e["cosine"][0] == pytest.approx([1, 3 / math.sqrt(42), -2 / math.sqrt(7)])


def test_empty_unions_and_norms_are_null_and_empty_overlaps_are_zero():
    base = make_single(np.ones(3))
    e = tensor_overlaps(base, {1: base, 4: make_single(np.ones(3))}, 1e-3)
    assert e["runs"] == [1, 4] and e["changed"] == [0, 0]
    for name in ("jaccard", "jaccard_chance", "one_sided", "cosine"):
        assert e[name] == [[None, None], [None, None]], name
    assert e["mean_jaccard"] is None and e["mean_jaccard_chance"] is None
    assert e["exactly"] == [3, 0, 0] and e["exactly_chance"] == [1, 0, 0]
    assert e["row_consensus"] is None and e["column_consensus"] is None
    e = tensor_overlaps(base, {0: base, 1: make_single([2, 1, 1])}, 1e-3)
    assert e["jaccard"] == [[None, 0], [0, 1]] and e["one_sided"] == [[None, None], [0, 1]]
    assert e["mean_jaccard"] == e["mean_jaccard_chance"] == 0 and e["cosine"] == [
        [None, None],
        [None, 1],
    ]


def test_weights_that_are_not_numbers_change_but_have_no_product():
    base, nan = [1, 1, math.nan, 1], math.nan
    e = tensor_overlaps(
        make_single(base), {0: make_single([2, nan, 1, 1]), 1: make_single([3, 5, 1, 2])}, 1e-3
    )
    assert e["changed"] == [3, 4] and e["both"][0][1] == 3
    # Weight 1 is left out of run 1's norm, too: all products are of weights 0 and 3.
    assert e["dot"] == [[1, 2], [2, 5]] and e["cosine"][0][1] == pytest.approx(2 / math.sqrt(5))


def test_bf16_hides_what_the_products_see():
    e = tensor_overlaps(
        make_single([1, 1]),
        {0: make_single([1 + 2**-10, 1]), 1: make_single([1 + 2**-10, 1])},
        1e-3,
    )
    assert e["changed"] == [0, 0] and e["dot"][0][1] == 2**-20 and e["cosine"][0][1] == 1


def test_poisson_binomial_is_the_sum_over_all_subsets():
    counts, n = [1, 9, 4, 10], 10
    want = [0.0] * 5
    for members in itertools.product([0, 1], repeat=4):
        want[sum(members)] += math.prod(c / n if m else 1 - c / n for c, m in zip(counts, members))
    assert exactly_in(counts, n) == pytest.approx(want, abs=1e-15) and want[0] == 0


def test_groups_of_a_profile():
    assert group_means(np.arange(256.0)) == list(range(256))
    many = group_means(np.arange(301.0))
    assert len(many) == 151 and many[:2] == [0.5, 2.5] and many[-1] == 300


def test_tensors_belong_to_the_runs_that_have_them(entries):
    assert entries[GATE]["runs"] == [0, 2] and np.shape(entries[GATE]["both"]) == (2, 2)
    assert "model.layers.0.self_attn.o_proj.weight" not in entries
    assert entries["model.layers.0.mlp.experts.down_proj[1]"]["parameters"] == 30


def test_the_model_is_the_sum_of_tensors_that_all_runs_have(entries):
    model, rest = entries.pop(None), [e for e in entries.values() if e["runs"] == [0, 1, 2]]
    assert len(rest) == len(entries) - 1 and model["runs"] == [0, 1, 2]
    for name in ("parameters", "changed", "both", "exactly"):
        assert np.array_equal(model[name], sum(np.array(e[name]) for e in rest)), name
    assert np.allclose(model["dot"], sum(np.array(e["dot"]) for e in rest), rtol=1e-14)
    assert model["row_consensus"] is model["column_consensus"] is None
    a, b, both = *model["changed"][:2], model["both"][0][1]
    assert model["jaccard"][0][1] == both / (a + b - both)


def test_a_run_changes_as_much_here_as_in_its_own_report(reference, entries):
    for r, run in enumerate(reference["runs"]):
        for t in run["tensors"]:
            e = entries.get(t["name"])
            if e:
                here = e["changed"][e["runs"].index(r)]
                assert here == t["parameters"] - t["precision"]["unchanged"], (r, t["name"])


def test_the_fixture_holds_what_it_is_for(entries):
    assert (
        entries[K]["jaccard"][0][1] is None
        and entries[V]["cosine"][0][1] is None
        and entries[V]["changed"][1] == 0
    )
    assert (
        entries[UP]["column_consensus"]["values"][0] == 0.5
        and entries[UP]["column_consensus"]["length"] == 301
    )
    assert entries["extra.row.weight"]["row_consensus"]["length"] == 1
    assert entries["lm_head.weight"]["cosine"][0][1] > 0.5


def test_runs_of_nothing_in_common_have_no_model():
    base = {
        "a": make_single([1, 2], "a"),
        "b": make_single([1, 2], "b"),
        "c": make_single([1, 2], "c"),
    }
    runs = [pair(base, {n: base[n] for n in names})[0] for names in ("ab", "bc", "ac")]
    found = overlaps(base, runs, 1e-3)
    assert [(e["name"], e["runs"]) for e in found] == [("a", [0, 2]), ("b", [0, 1]), ("c", [1, 2])]
    assert overlaps(base, runs[:1], 1e-3) == []


def test_the_order_of_runs_is_that_of_the_command_line(entries):
    base = read(CASE / "base")
    runs = [pair(base, read(folder))[0] for folder in reversed(list_tuned_folders("three_runs"))]
    turned = next(e for e in overlaps(base, runs, 1e-3) if e["name"] == V)
    assert turned["changed"] == entries[V]["changed"][::-1] != entries[V]["changed"]


def test_the_samples_are_as_their_own_script_found_them():
    # samples/make/figures.py is a third implementation, written for the samples alone; it kept ten
    # digits.
    names = ("rlvr-1", "rlvr-2", "sft")
    base = read(SAMPLES / "base")
    model = overlaps(base, [pair(base, read(SAMPLES / name))[0] for name in names], 1e-3)[-1]
    pairs = load(SAMPLES / "results.json")["figures"]["pairs"]
    for a, b in itertools.combinations(range(3), 2):
        for metric in ("jaccard", "jaccard_chance", "cosine"):
            want = pairs[f"{names[a]} {names[b]}"][metric]
            assert model[metric][a][b] == model[metric][b][a] == pytest.approx(want, abs=1e-10)
