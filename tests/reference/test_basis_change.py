"""Changes that leave a layer's function as it was: heads turned and exchanged by hand."""

import math

import numpy as np
import pytest

from definitions.basis_change import (
    chance,
    classify,
    compare_layer,
    function_preserving,
    largest_angle,
    rotation,
    stack_heads,
)
from definitions.checkpoint import Tensor
from definitions.files import load
from definitions.heads import read_layout
from definitions.report import report, report_preserved
from fixtures.basis_change import GROUP, HIDDEN, QUERIES, SHARED, SIZE, permute_heads, turn_heads
from make_fixtures import HERE

V = "model.layers.{}.self_attn.v_proj.weight".format
LAYOUT = read_layout(
    {"num_attention_heads": QUERIES, "num_key_value_heads": SHARED, "head_dim": SIZE}
)


def plane(degrees, size=2, at=0):
    r, a = np.eye(size), math.radians(degrees)
    r[at : at + 2, at : at + 2] = [[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]]
    return r


def draw_sides(seed=1):
    rng = np.random.default_rng(seed)
    return (
        rng.standard_normal((SHARED * SIZE, HIDDEN)),
        rng.standard_normal((HIDDEN, QUERIES * SIZE)),
        rng,
    )


def products(v, o):
    """Returns O_g V_h of every query head, which is all that a model sees."""
    return [
        o[:, g * SIZE : (g + 1) * SIZE] @ v[g // GROUP * SIZE : (g // GROUP + 1) * SIZE]
        for g in range(QUERIES)
    ]


@pytest.mark.parametrize("degrees", [1e-6, 0.5, 45, 90, 179.9, -30])
def test_angles(degrees):
    assert largest_angle(plane(degrees)) == pytest.approx(abs(degrees), rel=1e-9)
    assert largest_angle(plane(0.25 * degrees, 5) @ plane(degrees, 5, 2)) == pytest.approx(
        abs(degrees), rel=1e-9
    )


def test_angles_at_the_ends():
    assert largest_angle(np.eye(4)) == 0 and largest_angle(np.diag([1.0, 1, -1])) == 180
    assert largest_angle(np.diag([-1.0, -1])) == 180


def test_heads_are_stacked_with_all_that_reads_them():
    # Two heads of one value each, read by two query heads each.
    found = stack_heads(np.array([[1, 2], [3, 4]]), np.array([[5, 6, 7, 8]]), 2)
    assert [part.tolist() for part in found] == [[[1, 2, 5, 6]], [[3, 4, 7, 8]]]


def test_the_best_rotation_is_found():
    rng = np.random.default_rng(2)
    before, r = (
        rng.standard_normal((6, 40)),
        plane(30, 6) @ plane(100, 6, 3) @ np.diag([1.0, 1, 1, 1, 1, -1]),
    )
    assert rotation(before, r @ before) == pytest.approx(r, abs=1e-13)
    after = r @ before + 0.3 * rng.standard_normal(before.shape)
    best = np.linalg.norm(after - rotation(before, after) @ before)
    turns = [plane(angle, 6, at) for angle in (-2, 2) for at in range(5)]
    nearby = [np.linalg.norm(after - rotation(before, after) @ turn @ before) for turn in turns]
    assert best < np.linalg.norm(after - r @ before) and best < min(nearby)


def test_what_the_fixtures_do_preserves_the_function():
    v0, o0, rng = draw_sides()
    v1, o1 = turn_heads(v0, o0, rng.standard_normal((SHARED, 2, SIZE)))
    assert np.linalg.norm(v1 - v0) > np.linalg.norm(v0)
    assert all(np.allclose(a, b, atol=1e-12) for a, b in zip(products(v0, o0), products(v1, o1)))
    v1, o1 = permute_heads(v0, o0, [2, 0, 1])
    before, after = products(v0, o0), products(v1, o1)
    assert all(
        np.array_equal(after[g], before[(2, 0, 1)[g // GROUP] * GROUP + g % GROUP])
        for g in range(QUERIES)
    )


def test_a_rotation_by_hand():
    v0, o0, _ = draw_sides()
    angles = (10, 50, 20)
    r = [plane(a, SIZE) for a in angles]
    v1 = np.vstack([q @ part for q, part in zip(r, np.split(v0, SHARED))])
    o1 = np.hstack([part @ r[g // GROUP].T for g, part in enumerate(np.split(o0, QUERIES, axis=1))])
    found = compare_layer(v0, v1, o0, o1, SHARED)
    assert (found["kind"], found["permutation"]) == ("rotated", None) and found[
        "rotation_max"
    ] == pytest.approx(50, rel=1e-12)
    assert found["update_after"] < 1e-14 and found["update_before"] == pytest.approx(
        math.hypot(np.linalg.norm(v1 - v0), np.linalg.norm(o1 - o0))
        / math.hypot(np.linalg.norm(v0), np.linalg.norm(o0))
    )


def test_a_permutation_says_where_each_head_was():
    v0, o0, rng = draw_sides()
    found = compare_layer(
        v0, permute_heads(v0, o0, [2, 0, 1])[0], o0, permute_heads(v0, o0, [2, 0, 1])[1], SHARED
    )
    assert (found["kind"], found["permutation"]) == ("permuted", [2, 0, 1]) and found[
        "update_after"
    ] < 1e-14
    both = turn_heads(*permute_heads(v0, o0, [1, 0, 2]), rng.standard_normal((SHARED, 2, SIZE)))
    found = compare_layer(v0, both[0], o0, both[1], SHARED)
    assert (found["kind"], found["permutation"]) == ("permuted_and_rotated", [1, 0, 2]) and found[
        "update_after"
    ] < 1e-14


def test_a_permutation_under_a_larger_update_is_not_called_one():
    v0, o0, rng = draw_sides()
    v1, o1 = (w + 0.6 * rng.standard_normal(w.shape) for w in permute_heads(v0, o0, [2, 0, 1]))
    found = compare_layer(v0, v1, o0, o1, SHARED)
    assert (found["kind"], found["permutation"]) == ("none", None)
    assert found["update_after"] < 0.7 and found["update_before"] > 1.2


def test_heads_of_equal_singular_values_are_told_apart():
    v0, o0, _ = draw_sides()
    v0, o0 = (np.linalg.qr(v0.T)[0].T, np.zeros_like(o0))
    found = compare_layer(v0, np.vstack(np.split(v0, SHARED)[::-1]), o0, o0, SHARED)
    assert found["permutation"] == [2, 1, 0] and found["update_after"] < 1e-14


@pytest.mark.parametrize(
    "before, after, only_permuted, moved, word",
    [
        (1, 0.26, 0.26, True, "none"),
        (1, 0.25, 1, False, "rotated"),
        (1, 0.2, 0.25, True, "permuted"),
        (1, 0.2, 0.26, True, "permuted_and_rotated"),
        (1, 0.9, 0.9, False, "none"),
    ],
)
def test_kinds(before, after, only_permuted, moved, word):
    assert classify(before, after, only_permuted, moved) == word


def test_chance_against_draws():
    rng, ratios = np.random.default_rng(3), []
    for _ in range(200):
        v0, o0 = rng.standard_normal((12, 9)), rng.standard_normal((7, 24))
        v1, o1 = (w + 1e-4 * rng.standard_normal(w.shape) for w in (v0, o0))
        found = compare_layer(v0, v1, o0, o1, 2)
        ratios.append((found["update_after"] / found["update_before"]) ** 2)
    level = chance(2, 6, 12 * 9 + 7 * 24) ** 2
    assert level == 1 - 30 / 276 and np.mean(ratios) == pytest.approx(
        level, abs=4 * np.std(ratios) / math.sqrt(200)
    )


def make_tensor(name, values):
    single = np.array(values, dtype=np.float32)
    return Tensor(name, "F32", single.shape, single.view(np.uint32))


def look_at(v0, v1, o0, o1, of_model=LAYOUT):
    return function_preserving(
        (make_tensor("v", v0), make_tensor("v", v1)),
        (make_tensor("o", o0), make_tensor("o", o1)),
        of_model,
    )


def test_what_is_looked_at():
    v, o, _ = draw_sides()
    assert look_at(v, 1.011 * v, o, o)["partner"] == "o"
    assert look_at(v, 1.009 * v, o, 2 * o) is None and look_at(v, 2 * v, o, o, {}) is None
    assert look_at(v, 2 * v, o[:, 1:], o[:, 1:]) is None and look_at(v[1:], 2 * v[1:], o, o) is None
    assert look_at(v, 2 * v, o, o, {**LAYOUT, "v": (9, 2), "o": (6, 6)}) is None
    assert function_preserving((make_tensor("v", v), make_tensor("v", 2 * v)), None, LAYOUT) is None
    assert look_at(0 * v, v, o, o) is None


def test_only_values_are_looked_at():
    w = np.random.default_rng(4).standard_normal((6, 6))
    run = {
        name: (make_tensor(name, w), make_tensor(name, 2 * w))
        for name in (f"layers.0.self_attn.{part}_proj.weight" for part in "qvo")
    }
    found = {
        name: report_preserved(*pair, run, {"v": (2, 3), "o": (2, 3)}) for name, pair in run.items()
    }
    assert [name for name in found if found[name]] == ["layers.0.self_attn.v_proj.weight"]


@pytest.mark.parametrize("side", range(4))
def test_what_is_not_finite_is_not_looked_at(side):
    v, o, _ = draw_sides()
    four = [v, 2 * v, o, o.copy()]
    four[side] = four[side].copy()
    four[side][1, 2] = math.inf
    assert look_at(*four) is None


@pytest.fixture(scope="module")
def reference():
    return load(HERE / "fixtures/preserving/reference.json.gz")


def index_tensors(report):
    return {t["name"]: t for t in report["runs"][0]["tensors"]}


def test_the_fixture_holds_what_it_is_for(reference):
    found = [index_tensors(reference)[V(layer)]["function_preserving"] for layer in range(13)]
    kinds = [
        "rotated",
        "permuted",
        "permuted_and_rotated",
        "permuted",
        "rotated",
        "rotated",
        "none",
        "none",
    ]
    assert [f and f["kind"] for f in found] == kinds + [None] * 5
    assert [f["permutation"] for f in found[:8]] == [
        None,
        [1, 2, 0],
        [2, 1, 0],
        [0, 2, 1],
        *[None] * 4,
    ]
    assert (
        found[5]["rotation_max"] == 180
        and 1 < found[4]["rotation_max"] < 2
        and found[4]["update_after"] < 1e-7
    )
    # A large update loses what chance takes of it; a small turn under a larger update is not called
    # one.
    assert found[6]["update_after"] / found[6]["update_before"] == pytest.approx(
        found[6]["chance"], abs=0.01
    )
    assert 0.8 < found[7]["update_after"] / found[7]["update_before"] < 0.9
    # No figure lies near the steps between the kinds, or between being looked at and not.
    for f in found[:8]:
        assert not 0.15 < f["update_after"] / f["update_before"] < 0.6
    assert not any(
        9e-3 < t["update"]["relative_update"] < 1.1e-2 for t in index_tensors(reference).values()
    )
    others = (t for t in index_tensors(reference).values() if t["module"] != "v")
    assert all(t["function_preserving"] is None for t in others)


def test_a_report_looks_at_values_and_their_own_layer(reference):
    folder = HERE / "fixtures/preserving"
    found = report(folder / "base", [folder / "tuned"], 2, map_side=0)["runs"][0]["tensors"]
    assert [t["function_preserving"] for t in found] == [
        t["function_preserving"] for t in reference["runs"][0]["tensors"]
    ]


def test_an_adapter_s_merged_weights_are_looked_at():
    lora = load(HERE / "fixtures/lora/reference.json.gz")
    found = {
        t["name"]: t["function_preserving"]
        for t in index_tensors(lora).values()
        if t["function_preserving"]
    }
    assert list(found) == [V(1)] and found[V(1)]["kind"] == "none"
