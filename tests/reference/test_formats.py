"""Sides of different dtypes and FP8: what they are compared in."""

import numpy as np
import pytest

from definitions import bf16
from definitions.checkpoint import Tensor, read
from definitions.files import load
from definitions.pairing import pair, to_common_dtype
from definitions.precision import precision
from make_fixtures import HERE

A, B = "model.layers.0.", "model.layers.1."
VALUES = {"BF16": np.uint16, "F16": np.float16, "F32": np.float32, "F64": np.float64}


def make_tensor(dtype, values):
    array = (
        bf16.from_float(np.array(values, dtype=np.float64))
        if dtype == "BF16"
        else np.array(values, dtype=VALUES[dtype])
    )
    return Tensor("t", dtype, array.shape, array.view(f"u{array.itemsize}"))


CODES = Tensor("t", "F8_E4M3", (2,), np.array([0x38, 0x39], dtype=np.uint8))


@pytest.mark.parametrize(
    "base, tuned, dtype",
    [
        ("BF16", "BF16", "BF16"),
        ("F16", "F16", "F16"),
        ("F64", "F64", "F64"),
        ("BF16", "F16", "F32"),
        ("F32", "BF16", "F32"),
        ("F16", "F32", "F32"),
        ("BF16", "F64", "F64"),
        ("F64", "F32", "F64"),
    ],
)
def test_both_sides_are_held_exactly(base, tuned, dtype):
    values = [1.5, -(2**-7)]
    pair_of = to_common_dtype(make_tensor(base, values), make_tensor(tuned, values))
    assert [t.dtype for t in pair_of] == [dtype] * 2 and all(
        t.values().tolist() == values for t in pair_of
    )
    assert [t.original().dtype for t in pair_of] == [base, tuned] and precision(*pair_of)[
        "bit_equal"
    ] == 2


@pytest.mark.parametrize("other", ["BF16", "F32", "F64"])
def test_fp8_is_compared_as_single_precision(other):
    wide = make_tensor(other, [1, 1.125])
    for sides in ((CODES, wide), (wide, CODES)):
        found = to_common_dtype(*sides)
        assert [t.dtype for t in found] == ["F64" if other == "F64" else "F32"] * 2
        assert precision(*found)["bit_equal"] == 2
    assert [t.dtype for t in to_common_dtype(CODES, CODES)] == ["F32"] * 2


def test_what_bf16_hides_shows_against_a_bf16_base():
    p = precision(
        *to_common_dtype(make_tensor("BF16", [1, 1, 1]), make_tensor("F32", [1 + 2**-12, 1, 1.25]))
    )
    assert p["unchanged"] == 2 and p["bit_equal"] == 1 and p["hidden_by_bf16"] == 1 / 3


def test_why_a_weight_is_left_out():
    sides = [
        dict(
            bad=Tensor("bad", "F8_E4M3", (2,), CODES.bits, problem="its scale does not fit"),
            w=CODES,
        ),
        {"w": CODES},
    ]
    for base, tuned in (sides, sides[::-1]):
        assert pair(base, tuned)[1] == [{"name": "bad", "reason": "bad_scale"}]
    whole = {"bad": make_tensor("BF16", [1, 1])}
    for base, tuned in ((sides[0], {**sides[1], **whole}), ({**sides[1], **whole}, sides[0])):
        assert pair(base, tuned)[1] == [{"name": "bad", "reason": "bad_scale"}]
    assert pair({"w": CODES}, {"w": make_tensor("BF16", [[1, 1]])})[1] == [
        {"name": "w", "reason": "shape_differs"}
    ]


def index_tensors(report, run=0):
    return {t["name"]: t for t in report["runs"][run]["tensors"]}


def test_the_mixed_fixture_holds_what_it_is_for():
    report = load(HERE / "fixtures/mixed/reference.json.gz")
    wide, narrow = index_tensors(report), index_tensors(report, 1)
    dtypes = lambda t: (t["dtype_base"], t["dtype_tuned"], t["dtype"])
    assert dtypes(wide[A + "self_attn.q_proj.weight"]) == ("BF16", "F32", "F32")
    assert dtypes(narrow[A + "self_attn.q_proj.weight"]) == ("BF16",) * 3
    assert dtypes(wide[A + "mlp.gate_proj.weight"]) == ("BF16", "F64", "F64")
    assert wide[A + "self_attn.k_proj.weight"]["precision"]["hidden_by_bf16"] > 0.99
    assert [t[A + "mlp.up_proj.weight"]["precision"]["non_finite"] for t in (wide, narrow)] == [
        1,
        2,
    ]
    # A run saved in F32 and one in BF16 of the same base still have a product.
    both = next(e for e in report["overlaps"] if e["name"] == A + "self_attn.q_proj.weight")
    assert both["changed"][0] > both["changed"][1] > 0 and both["dot"][0][1] != 0


def test_the_fp8_fixture_holds_what_it_is_for():
    report = load(HERE / "fixtures/fp8/reference.json.gz")
    found, left_out = (
        index_tensors(report),
        {x["name"]: x["reason"] for x in report["runs"][0]["left_out"]},
    )
    scales = {name: t["quantized"] and t["quantized"]["scales"] for name, t in found.items()}
    names = [
        A + f"{part}.weight"
        for part in (
            "self_attn.q_proj",
            "self_attn.k_proj",
            "self_attn.v_proj",
            "self_attn.o_proj",
            "mlp.gate_proj",
            "mlp.router",
        )
    ]
    assert [scales[name] for name in names] == [12, 10, 20, 41, 1, 0]
    assert [scales[B + f"self_attn.{part}_proj.weight"] for part in "qkvo"] == [
        None,
        None,
        None,
        41,
    ]
    # One scale of a block that starts at row 16 and column 32: its 16 x 9 weights changed, and no
    # code did.
    t = found[B + "mlp.gate_proj.weight"]
    assert t["quantized"] == {"codes_equal": t["parameters"], "scales": 9, "scales_equal": 8}
    assert (
        t["parameters"] - t["precision"]["unchanged"] == 16 * 9
        and t["update"]["relative_update"] > 0.01
    )
    assert found[A + "mlp.down_proj.weight"]["precision"]["non_finite"] == 3
    # A scale beside no quantised weight is named, and no weight.
    assert left_out["extra.weight_scale"] == "quantization_parameter"
    assert "model.norm.weight_scale" not in {*found, *left_out}
    bad = [name for name, reason in left_out.items() if reason == "bad_scale"]
    assert sorted(bad) == [B + f"bad.{why}.weight" for why in ("base", "integers", "shape")]


def test_blocks_that_only_the_config_tells():
    # 32 x 9 blocks of 50 x 41: the tenth column has another scale than the ninth.
    weight = read(HERE / "fixtures/fp8/base")[A + "self_attn.k_proj.weight"]
    first, second = weight.scales[0, :2]
    assert (
        weight.scales.shape == (2, 5)
        and weight.spread[31, 7:11].tolist() == [first, first, second, second]
        and first != second
    )
