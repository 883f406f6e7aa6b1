"""The reference itself, against cases whose answer is known in closed form."""

import filecmp
import math

import numpy as np
import pytest

from definitions import bf16
from definitions.checkpoint import Tensor, read
from definitions.geometry import geometry
from definitions.masks import masks
from definitions.precision import LOWS, precision
from definitions.report import report
from definitions.update import update
from make_fixtures import HERE, make, make_listed


def make_codes(values, shape=None):
    """Returns a BF16 tensor from its codes."""
    bits = np.array(values, dtype=np.uint16)
    return Tensor("t", "BF16", shape or bits.shape, bits.reshape(shape or bits.shape))


@pytest.mark.parametrize(
    "value, code",
    [
        (1.0, 0x3F80),
        (1 + 2**-8, 0x3F80),
        (1 + 3 * 2**-8, 0x3F82),
        (1 + 2**-8 + 2**-20, 0x3F81),
        (-0.0, 0x8000),
        (1 + 2**-8 + 2**-40, 0x3F80),
        (1 + 3 * 2**-8 - 2**-40, 0x3F82),
        (math.inf, 0x7F80),
        (3.4e38, 0x7F80),
        (2.0**-133, 0x0001),
    ],
)
def test_cast_rounds_to_nearest_even_and_float64_by_way_of_float32(value, code):
    # The last bits of the sixth and seventh value are beyond float32: what is left is a tie, as in
    # PyTorch's own cast.
    assert bf16.from_float(np.array([value]))[0] == code


def test_gate_of_handmade_bits():
    # Equal, +0 beside -0, one step up, three down, across zero, and NaN.
    base = make_codes([0x3F80, 0x0000, 0x3F80, 0x3F80, 0x0002, 0x7FC0])
    tuned = make_codes([0x3F80, 0x8000, 0x3F81, 0x3F7D, 0x8001, 0x3F80])
    p = precision(base, tuned)
    assert (p["unchanged"], p["bit_equal"], p["non_finite"]) == (2, 1, 1)
    assert p["hidden_by_bf16"] == 0
    h = p["ulp_histogram"]
    assert len(h["counts"]) == len(h["from"]) == len(h["to"]) == 35 == 2 * len(LOWS) + 1
    hits = {(a, z): c for a, z, c in zip(h["from"], h["to"], h["counts"]) if c}
    assert hits == {(0, 0): 2, (1, 1): 1, (-4, -3): 2}


def test_bf16_hides_an_update_of_float32():
    bits = np.array([1.0, 1.0 + 2**-9, 1.0 + 2**-7], dtype=np.float32).view(np.uint32)
    ones = np.full(3, 1.0, dtype=np.float32).view(np.uint32)
    p = precision(Tensor("t", "F32", (3,), ones), Tensor("t", "F32", (3,), bits))
    assert (
        p["unchanged"] == 2
        and p["unchanged_stored"] == 1
        and p["hidden_by_bf16"] == pytest.approx(1 / 3)
    )


def test_densities_see_a_stripe():
    base = np.full((4, 10), 0x3F80, dtype=np.uint16)
    tuned = base.copy()
    tuned[1] += 1
    p = precision(make_codes(base, (4, 10)), make_codes(tuned, (4, 10)))
    assert (
        p["row_density"]["values"] == [0, 1, 0, 0] and p["column_density"]["values"] == [0.25] * 10
    )
    # Unbiased variance 1/4 over p(1-p)/n = 3/160.
    assert (
        p["row_density"]["dispersion"] == pytest.approx(40 / 3)
        and p["column_density"]["dispersion"] == 0
    )


@pytest.mark.parametrize("degrees", [1e-6, 1e-3, 0.5, 30.0])
def test_rotation_by_a_known_angle(degrees):
    w0 = np.diag([5.0, 4.0, 1.0, 0.5])
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.eye(4)
    turn[1, 1], turn[1, 2], turn[2, 1], turn[2, 2] = c, -s, s, c
    g, _ = geometry(w0, turn @ w0, 2)
    assert g["rotation_max"] == pytest.approx(degrees, rel=1e-6) and g["angles_left"][1] < 1e-12
    assert max(g["angles_right"]) < 1e-12 and g["nss"] < 1e-14 and g["gap"] == 0.75
    assert g["vector_rotation_left"] == pytest.approx([0, degrees], rel=1e-6, abs=1e-9)


def test_spectra_of_diagonal_matrices():
    w0, w1 = np.diag([4.0, 2.0, 1.0]), np.diag([4.5, 2.0, 1.0])
    g, approx = geometry(w0, w1, 2)
    assert g["nss"] == pytest.approx(0.5 / math.sqrt(21)) and g["nss_top_k"] == pytest.approx(
        0.5 / math.sqrt(20)
    )
    assert g["off_principal_share"] == 0 and g["rotation_max"] == 0
    assert np.allclose(approx(2), np.diag([4.0, 2.0, 0.0])) and g["bounds"]["weyl"] == {
        "observed": 0.5,
        "bound": 0.5,
    }
    assert (
        g["bounds"]["wedin_as_stated"]["bound"] == 0.5
        and g["bounds"]["wedin_strict"]["bound"] == 1.0
    )
    u = update(w0, np.diag([5.0, 2.0, 2.0]), 1)
    assert (
        u["stable_rank"] == pytest.approx(2)
        and u["entropy_rank"] == pytest.approx(2)
        and u["share_top_k"] == 0.5
    )


def test_degenerate_matrices():
    assert geometry(np.zeros((3, 4)), np.ones((3, 4)), 2) == (None, None)
    rank_one = np.outer([1.0, 2.0, 3.0], [1.0, 1.0])
    g, _ = geometry(rank_one, rank_one, 2)
    assert (
        g["k"] == 1
        and g["nss"] == 0
        and g["rotation_max"] == 0
        and g["off_principal_share"] is None
    )
    assert update(rank_one, rank_one, 2)["stable_rank"] is None


def test_masks_of_a_small_matrix():
    w = np.array([[1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0]])
    changed = w >= 9
    m = masks(w, lambda _: w, changed, 0.3, [2])
    assert (m["principal_threshold"], m["low_threshold"]) == (8, 3)
    assert m["principal"] == {
        "size": 3,
        "both": 2,
        "overlap": 1.0,
        "chance": 0.3,
        "enrichment": pytest.approx(10 / 3),
    }
    assert m["low"]["both"] == 0 and m["safe"]["size"] == 7
    assert masks(w, lambda _: w, np.zeros_like(changed), 0.3, [2])["low"]["overlap"] is None


def test_masks_of_every_rank():
    # At rank 1 only the first weight is left, and all others are equal to the threshold.
    w = np.diag([3.0, 2, 1])
    changed = np.eye(3) > 0
    m = masks(w, lambda rank: np.diag([3.0, 2, 1][:rank] + [0] * (3 - rank)), changed, 0.2, [1, 2])
    assert [(p["k"], p["principal_threshold"], p["principal"]["size"]) for p in m["sweep"]] == [
        (1, 0, 9),
        (2, 2, 2),
    ]
    assert [p["near_threshold"] for p in m["sweep"]] == [8, 1]
    assert (
        m["sweep"][1].items() <= m.items()
        and m["not_principal"]["size"] == 7
        and m["sweep"][0]["safe"]["size"] == 6
    )
    assert [p["principal_not_low"]["size"] for p in m["sweep"]] == [3, 2]


def test_what_cannot_be_compared_is_named():
    r = report(HERE / "fixtures/mismatched/base", [HERE / "fixtures/mismatched/tuned"], 8)["runs"][
        0
    ]
    assert sorted(x["reason"] for x in r["left_out"]) == [
        "buffer",
        "only_in_base",
        "only_in_tuned",
        "shape_differs",
        "unsupported_dtype",
    ]
    assert len(r["tensors"]) == 1


def test_expert_slices_are_matrices():
    tensor = read(HERE / "fixtures/moe/base")["model.layers.0.mlp.experts.down_proj"]
    assert [s.name[-3:] for s in tensor.slices()] == ["[0]", "[1]", "[2]", "[3]"]
    assert tensor.slices()[2].shape == (40, 17)


def test_fixtures_are_remade_identically(tmp_path):
    make(tmp_path)
    make_listed(tmp_path)
    made = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    kept = HERE / "fixtures"
    others = (".gz", ".py", ".pyc")
    files = [p.relative_to(kept) for p in kept.rglob("*") if p.is_file() and p.suffix not in others]
    # Those of PEFT and of PyTorch are made by scripts that need torch.
    assert made == sorted(p for p in files if p.parts[0] not in ("peft", "torch", "distributed"))
    assert [str(p) for p in made if not filecmp.cmp(tmp_path / p, kept / p, shallow=False)] == []
