"""Angles of a random update: the first order against decompositions, means against other draws."""

import math

import numpy as np
import pytest

from definitions import chance, chance_rotation
from definitions.geometry import decompose, geometry
from definitions.heads import heads
from definitions.spectrum import rotations
from definitions.subspaces import vector_angles

HALVES = [2.0**-i for i in range(8)]
CASES = {
    "tall": (12, 8, HALVES, 3),
    "wide": (8, 12, HALVES, 3),
    "square": (10, 10, [i**-0.5 for i in range(1, 11)], 4),
    "rank deficient": (14, 9, [4.0, 3, 2, 1, 0.5, 0, 0, 0, 0], 5),
    "tall and full": (30, 6, [6.0, 5, 4, 3, 2, 1], 6),
    "wide and full": (6, 30, [6.0, 5, 4, 3, 2, 1], 6),
    "few outside": (9, 9, [9.0, 8, 7, 6, 5, 4, 3, 2, 1], 7),
}


def make_matrix(case, seed=6):
    """Returns (W0, k) with random singular vectors."""
    m, n, sigma, k = CASES[case]
    rng = np.random.default_rng(seed)
    u, v = (np.linalg.qr(rng.standard_normal((side, len(sigma))))[0] for side in (m, n))
    return (u * np.array(sigma)) @ v.T, k


@pytest.mark.parametrize("case", CASES)
def test_the_first_order_is_what_a_decomposition_finds(case):
    w0, k = make_matrix(case)
    update = 1e-7 * np.random.default_rng(7).standard_normal(w0.shape)
    u, s, vt = np.linalg.svd(w0)
    found = [
        chance_rotation.angles(x)[0]
        for x in chance_rotation.first_order((u.T @ update @ vt.T)[None], s, k)
    ]
    true = rotations(decompose(w0)[0], decompose(w0 + update)[0], k)
    for mine, other in zip(found, true):
        # The next order is smaller by about the update over the smallest gap, and so are rounding
        # errors: 1e-7/2^-3 times a few.
        assert mine == pytest.approx(other, rel=1e-5, abs=1e-5 * max(other))
        assert list(mine) == sorted(mine, reverse=True) and len(mine) == k


@pytest.fixture(scope="module", params=CASES)
def drawn(request):
    """Returns (W0, k, tau, angles of decompositions of random updates: draws x 2k, and squared
    sines of vectors: draws x 2k)."""
    w0, k = make_matrix(request.param)
    tau, rng, first = 1e-7, np.random.default_rng(8), decompose(w0)[0]
    turned, sines = [], []
    for _ in range(1000):
        second = decompose(w0 + tau * rng.standard_normal(w0.shape))[0]
        turned.append(np.concatenate(rotations(first, second, k)))
        single = [vector_angles(first[side][:, :k], second[side][:, :k]) for side in (0, 2)]
        sines.append(np.sin(np.radians(np.concatenate(single))) ** 2)
    return w0, k, tau, np.array(turned), np.array(sines)


def test_means_over_draws(drawn):
    w0, k, tau, turned, _ = drawn
    (point,), each = chance_rotation.levels(w0, [k], tau)
    found = {**point, **each}
    true = {
        "rotation_max": turned.max(axis=1),
        "rotation_median": np.median(turned, axis=1),
        "angles_left": turned[:, :k],
        "angles_right": turned[:, k:],
    }
    for name, draws in true.items():
        mean, spread = (np.atleast_1d(found[name + end]) for end in ("", "_deviation"))
        error = spread * math.sqrt(1 / len(turned) + 1 / each["draws"])
        # Nothing to turn to reads 2e-14 degrees after a decomposition.
        assert (np.abs(mean - draws.mean(axis=0)) <= 4 * error + 1e-5 * mean + 1e-13).all(), name
        # Of 128 draws a deviation is known to a tenth at most, and four times that is allowed.
        assert spread == pytest.approx(np.atleast_1d(draws.std(axis=0)), rel=0.4, abs=1e-13), name


def test_single_vectors(drawn):
    w0, k, tau, _, sines = drawn
    found = chance.vectors(decompose(w0)[0][1], w0.shape, k, tau * math.sqrt(w0.size))
    want = np.sin(np.radians(np.concatenate(found))) ** 2
    error = sines.std(axis=0) / math.sqrt(len(sines))
    assert (error <= 0.06 * want).all() and (np.abs(sines.mean(axis=0) - want) <= 4 * error).all()


def test_single_vectors_by_hand():
    # 2, 1 and two more rows: (4 + 1)/9, and 2/4 and 2/1 on the left.
    left, right = chance.vectors(np.array([2.0, 1]), (4, 2), 2, math.sqrt(8) * 0.1)
    angle = lambda energy: math.degrees(math.asin(0.1 * math.sqrt(energy)))
    assert left == pytest.approx([angle(5 / 9 + 0.5), angle(5 / 9 + 2)]) and right == pytest.approx(
        [angle(5 / 9)] * 2
    )
    # Equal neighbours say nothing, nor do those that turn by all there is.
    assert chance.vectors(np.array([3.0, 2, 2, 1]), (4, 4), 4, 0.1)[0][1:3] == [None, None]
    assert chance.vectors(np.array([2.0, 1]), (2, 2), 2, 10)[0] == [None, None]
    assert chance.vectors(np.array([3.0, 2, 2, 1]), (4, 4), 4, 0) == [[0] * 4] * 2


def test_the_energy_of_vectors_beyond_the_subspace_is_that_of_its_sines():
    # Terms between two of the first k turn vectors and not the subspace.
    s = np.array([5.0, 3, 2, 1])
    within = 2 * sum((a * a + b * b) / (a * a - b * b) ** 2 for a, b in [(5, 3), (5, 2), (3, 2)])
    assert chance.vector_energy(s, 3, 6).sum() - within == pytest.approx(
        chance.sine_energy(s, 3, 6)[0]
    )


def test_a_tail_of_the_same_energy_turns_less():
    s = np.arange(1, 41.0) ** -0.7
    w0 = np.zeros((50, 40))
    np.fill_diagonal(w0, s)
    for known in (8, 20):
        flat = chance_rotation.flatten_tail(s, known)
        assert (flat[:known] == s[:known]).all() and (flat**2).sum() == pytest.approx((s**2).sum())
    points, each = chance_rotation.levels(w0, [1, 4, 7], 1e-3)
    for point in points:
        # At rank 1 nearly all is of the second value, and the sign of the difference is that of the
        # draws.
        assert 0.8 < point["rotation_max_least"] / point["rotation_max"] < 1.001
    assert all(
        sum(each[f"angles_{side}_least"]) < sum(each[f"angles_{side}"])
        for side in ("left", "right")
    )
    # With all values known there is no tail.
    whole = chance_rotation.levels(w0, [39], 1e-3)[0][0]
    assert whole["rotation_max_least"] == whole["rotation_max"]


def test_numbers_of_draws():
    assert [chance_rotation.count_draws(shape) for shape in ((9, 9), (512, 192), (4096, 4096))] == [
        128,
        16,
        16,
    ]


def test_batches_are_draws_of_one_sequence(monkeypatch):
    w0, k = make_matrix("tall")
    whole = chance_rotation.levels(w0, [k], 1e-3)
    monkeypatch.setattr(chance_rotation, "BATCH", 5 * w0.size)
    assert chance_rotation.levels(w0, [k], 1e-3) == whole


def test_without_a_gap_nothing_is_said_and_without_an_update_nothing_turns():
    w0 = np.diag([3.0, 2, 2, 1])
    g, _ = geometry(w0, w0 + 0.01, 2)
    names = (
        "rotation_max",
        "rotation_max_deviation",
        "rotation_median",
        "angles_left",
        "angles_right",
    )
    assert [g["chance"][name] for name in names] == [None] * 5 and g["sweep"][1]["chance"][
        "rotation_max"
    ] is None
    assert (
        g["sweep"][0]["chance"]["rotation_max"] > 0
        and g["chance"]["vectors_left"][0] > 0
        and g["chance"]["vectors_left"][1] is None
    )
    g, _ = geometry(w0, w0, 3)
    assert [g["chance"][name] for name in names] == [0, 0, 0, [0] * 3, [0] * 3]


def test_a_subspace_that_fills_one_side_turns_on_the_other():
    w0, k = make_matrix("tall and full")
    g, _ = geometry(w0, w0 + 1e-3, k)
    assert g["chance"]["angles_right"] == [0] * 6 and min(g["chance"]["angles_left"]) > 0


def test_heads_without_a_gap_and_heads_that_fill_the_hidden_side():
    w0 = np.vstack([np.diag([2.0, 1, 1]), np.diag([3.0, 2, 1])])
    assert [
        level is None for level in heads(w0, w0 + 0.01, w0 > 0, (0, 2, 3), 2)["rotation_chance"]
    ] == [True, False]
    assert heads(w0, w0 + 0.01, w0 > 0, (0, 2, 3), 3)["rotation_chance"] == [0, 0]
