"""Chance levels against draws of the random update that they speak of.

Means of draws are held to four of their own standard errors, which are at most 2 %: a wrong formula
lies far outside, and with fixed seeds a right one does not stray.
"""

import itertools
import math

import numpy as np
import pytest

from definitions import chance
from definitions.geometry import decompose
from definitions.spectrum import rotations

HALVES = [2.0**-i for i in range(8)]
DEFICIENT = [4.0, 3, 2, 1, 0.5, 0, 0, 0, 0]
CASES = {
    "tall": (12, 8, HALVES, 3),
    "wide": (8, 12, HALVES, 3),
    "square": (10, 10, [i**-0.5 for i in range(1, 11)], 4),
    "rank deficient": (14, 9, DEFICIENT, 3),
    "all of its rank": (14, 9, DEFICIENT, 5),
    "full": (30, 6, [6.0, 5, 4, 3, 2, 1], 6),
}
RELATIVE = 1e-7


def draw_update(rng, m, n, size):
    d = rng.standard_normal((m, n))
    return d * (size / np.linalg.norm(d))


@pytest.fixture(scope="module", params=CASES)
def drawn(request):
    """Returns {figure: (its square in each draw, its square by chance)} of one matrix and small
    random updates."""
    m, n, sigma, k = CASES[request.param]
    rng = np.random.default_rng(1)
    u, v = (np.linalg.qr(rng.standard_normal((side, len(sigma))))[0] for side in (m, n))
    s0 = np.array(sigma)
    w0, size = (u * s0) @ v.T, RELATIVE * np.linalg.norm(s0)
    first, rank = decompose(w0)
    found = {"left": [], "right": [], "nss": [], "nss_top_k": []}
    for _ in range(2500):
        second, _ = decompose(w0 + draw_update(rng, m, n, size))
        for side, turned in zip(("left", "right"), rotations(first, second, k)):
            found[side].append((np.sin(np.radians(turned)) ** 2).sum())
        moved = (second[1] - s0) ** 2
        found["nss"].append(moved.sum() / (s0**2).sum())
        found["nss_top_k"].append(moved[:k].sum() / (s0[:k] ** 2).sum())
    left, right = chance.sine_norms(s0, (m, n), k, size)
    want = {
        "left": left[0],
        "right": right[0],
        "nss": chance.spectral_shift((m, n), rank, size, np.linalg.norm(s0)),
        "nss_top_k": chance.spectral_shift_top((m, n), k, size, np.linalg.norm(s0[:k])),
    }
    return {name: (np.array(found[name]), want[name] ** 2) for name in found}


@pytest.mark.parametrize("figure", ["left", "right", "nss", "nss_top_k"])
def test_first_order_levels(drawn, figure):
    squares, want = drawn[figure]
    error = squares.std() / math.sqrt(squares.size)
    assert error <= 0.02 * want and abs(squares.mean() - want) <= 4 * error


def test_full_rank_has_the_shift_of_the_larger_side():
    assert chance.spectral_shift((20, 30), 20, 0.5, 4) == pytest.approx(
        0.5 / 4 / math.sqrt(30), rel=1e-15
    )


def test_values_that_are_zero_take_all_that_lies_between_the_null_spaces():
    # Rank 5 of 14 x 9: 5 + 9 * 4 = 41 entries count and not 9.
    assert chance.spectral_shift((14, 9), 5, 1, 1) == pytest.approx(math.sqrt(41 / 126))


def test_where_first_order_ends():
    # At a relative update of 1e-3 the levels hold, at 1e-1 the smallest values move by more than
    # their own size.
    rng, m, n, k = np.random.default_rng(2), 120, 80, 8
    s0 = np.arange(1, n + 1.0) ** -0.5
    w0 = np.zeros((m, n))
    np.fill_diagonal(w0, s0)
    norm, (first, _) = np.linalg.norm(s0), decompose(w0)
    ratio = {}
    for relative in (1e-3, 1e-1):
        shifts, sines = [], []
        for _ in range(20):
            second, _ = decompose(w0 + draw_update(rng, m, n, relative * norm))
            shifts.append(((second[1] - s0) ** 2).sum())
            sines.append((np.sin(np.radians(rotations(first, second, k)[0])) ** 2).sum())
        want = (
            chance.spectral_shift((m, n), n, relative * norm, 1),
            chance.sine_norms(s0, (m, n), k, relative * norm)[0][0],
        )
        ratio[relative] = [
            math.sqrt(np.mean(found)) / level for found, level in zip((shifts, sines), want)
        ]
    assert ratio[1e-3] == pytest.approx([1, 1], rel=0.1)
    assert ratio[1e-1][0] > 1.3 and ratio[1e-1][1] == pytest.approx(1, rel=0.2)


SHAPES = [(48, 144), (64, 64), (200, 120), (300, 300)]


@pytest.fixture(scope="module", params=SHAPES, ids=str)
def spectra(request):
    m, n = request.param
    rng = np.random.default_rng(3)
    return (
        m,
        n,
        [np.linalg.svd(rng.standard_normal((m, n)), compute_uv=False) ** 2 for _ in range(40)],
    )


def test_stable_rank_of_random_matrices(spectra):
    # The largest value stays below its limit by about m^(-2/3) (Tracy & Widom): the level is too
    # low by 2 to 6 % here.
    m, n, energies = spectra
    ratio = chance.stable_rank(m, n) / np.mean([e.sum() / e[0] for e in energies])
    assert 0.92 <= ratio <= 1.005


@pytest.mark.parametrize("k", [1, 8, 16, 40])
def test_share_of_the_leading_values_of_random_matrices(spectra, k):
    m, n, energies = spectra
    assert chance.share_top(m, n, k) == pytest.approx(
        np.mean([e[:k].sum() / e.sum() for e in energies]), rel=0.02
    )


@pytest.mark.parametrize("m, n", [(1, 1), (1, 7), (4000, 1), (2, 2)])
def test_a_stable_rank_is_at_least_one(m, n):
    assert chance.stable_rank(m, n) == 1


def test_shares_are_none_to_all_and_more_than_their_number():
    for m, n in ((60, 60), (60, 61), (60, 6000)):
        shares = [chance.share_top(m, n, k) for k in range(1, 61)]
        assert shares == sorted(shares) and shares[-1] == chance.share_top(m, n, 64) == 1
        assert all(share >= k / 60 for k, share in enumerate(shares, 1))
    # Much wider than high: all values are nearly equal.
    assert chance.share_top(60, 10**8, 15) == pytest.approx(0.25, rel=2e-3)


def test_the_quarter_circle_of_square_matrices():
    # With c = 1 half of the eigenvalues lie above t where t - sin t = pi/2.
    t = 2.309881460010057
    assert t - math.sin(t) == pytest.approx(math.pi / 2, abs=1e-12)
    assert chance.share_top(10, 10, 5) == pytest.approx(
        (t - math.sin(t) * math.cos(t)) / math.pi, rel=1e-12
    )


def test_an_interval_of_a_partly_known_spectrum_narrows_around_the_truth():
    s, k = np.arange(1, 41.0) ** -0.7, 8
    (truth,) = set(chance.sine_energy(s, k, 50))
    spans = [chance.sine_energy(s, k, 50, known) for known in range(k + 1, 41)]
    assert spans[-1] == [truth, truth] and spans[0][0] < truth < spans[0][1]
    for wide, narrow in itertools.pairwise(spans):
        ends = [wide[0], narrow[0], truth, narrow[1], wide[1]]
        assert all(a <= b * (1 + 1e-14) for a, b in itertools.pairwise(ends))
    assert chance.sine_energy(s, k, 50, k)[1] == math.inf


def test_both_ends_of_an_interval_by_hand():
    # Known are 2 and 1, the tail has two values of energy 0.5: 0.25 each, or 0.5 and 0.
    low, high = chance.sine_energy(np.array([2, 1, 0.6, math.sqrt(0.14)]), 1, 4, 2)
    term = lambda x: (4 + x) / (4 - x) ** 2
    assert low == pytest.approx(term(1) + 2 * term(0.25)) and high == pytest.approx(
        term(1) + 0.5 * term(1) + 1.5 * term(0)
    )


def test_no_gap_no_level_and_nothing_outside_no_sines():
    assert chance.sine_norms(np.array([2.0, 1, 1]), (3, 5), 2, 1) == [None, None]
    assert chance.sine_norms(np.array([2.0, 1, 1]), (3, 3), 3, 1) == [[0, 0], [0, 0]]
    # The last of three values: two columns more than rows belong to none.
    left, right = chance.sine_norms(np.array([2.0, 1, 1]), (3, 5), 3, math.sqrt(15))
    assert left == [0, 0] and right == pytest.approx([math.sqrt(2 * 2.25)] * 2)
