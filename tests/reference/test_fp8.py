"""FP8: every code against the paper and a third opinion, rounding, and scales laid over weights
by hand."""

import math

import ml_dtypes
import numpy as np
import pytest

from definitions.checkpoint import Tensor
from definitions.fp8 import (
    FIELDS,
    TABLES,
    attach_scales,
    find_block,
    quantized,
    read_block_size,
    spread_scales,
)
from fixtures.fp8 import TOP, encode_fp8, quantize

OTHERS = {
    "F8_E4M3": ml_dtypes.float8_e4m3fn,
    "F8_E5M2": ml_dtypes.float8_e5m2,
    "F8_E8M0": ml_dtypes.float8_e8m0fnu,
}


@pytest.mark.parametrize("kind", OTHERS)
def test_every_code_against_ml_dtypes(kind):
    want = np.arange(256, dtype=np.uint8).view(OTHERS[kind]).astype(np.float32)
    assert np.array_equal(TABLES[kind], want, equal_nan=True)
    signs = np.signbit(TABLES[kind]) == np.signbit(want)
    assert signs[~np.isnan(want)].all()


@pytest.mark.parametrize(
    "kind, code, value",
    [
        # Micikevicius et al., table 1: largest, smallest normal, largest and smallest subnormal.
        ("F8_E4M3", 0x7E, 448),
        ("F8_E4M3", 0x08, 2**-6),
        ("F8_E4M3", 0x07, 0.875 * 2**-6),
        ("F8_E4M3", 0x01, 2**-9),
        ("F8_E5M2", 0x7B, 57344),
        ("F8_E5M2", 0x04, 2**-14),
        ("F8_E5M2", 0x03, 0.75 * 2**-14),
        ("F8_E5M2", 0x01, 2**-16),
        ("F8_E5M2", 0x7C, math.inf),
        ("F8_E5M2", 0xFC, -math.inf),
        ("F8_E4M3", 0x38, 1),
        ("F8_E4M3", 0xB9, -1.125),
        ("F8_E8M0", 127, 1),
        ("F8_E8M0", 0, 2**-127),
        ("F8_E8M0", 254, 2.0**127),
    ],
)
def test_known_codes(kind, code, value):
    assert TABLES[kind][code] == value


def test_which_codes_are_not_numbers():
    not_numbers = {kind: np.flatnonzero(np.isnan(TABLES[kind])).tolist() for kind in TABLES}
    assert not_numbers == {
        "F8_E4M3": [0x7F, 0xFF],
        "F8_E5M2": [0x7D, 0x7E, 0x7F, 0xFD, 0xFE, 0xFF],
        "F8_E8M0": [255],
    }
    assert not np.isinf(TABLES["F8_E4M3"]).any()


@pytest.mark.parametrize("kind", FIELDS)
def test_rounding_against_ml_dtypes(kind):
    top = float(TABLES[kind][TOP[kind]])
    rng = np.random.default_rng(9)
    values = np.concatenate(
        [
            rng.uniform(-top, top, 2000),
            rng.standard_normal(2000) * 2.0 ** rng.integers(-18, 6, 2000),
        ]
    )
    # Every number of the kind, and every middle between two: ties go to the even code.
    exact = TABLES[kind][np.isfinite(TABLES[kind])].astype(np.float64)
    middles = (np.sort(exact)[1:] + np.sort(exact)[:-1]) / 2
    values = np.clip(np.concatenate([values, exact, middles]), -top, top).astype(np.float32)
    assert np.array_equal(encode_fp8(values, kind), values.astype(OTHERS[kind]).view(np.uint8))


def test_rounding_keeps_what_is_not_a_number_and_ends_at_the_largest():
    assert encode_fp8([math.nan, 1e9, -1e9, -0.0], "F8_E4M3").tolist() == [0x7F, 0x7E, 0xFE, 0x80]
    assert encode_fp8([math.nan, 1e9, math.inf, -math.inf], "F8_E5M2").tolist() == [
        0x7F,
        0x7B,
        0x7C,
        0xFC,
    ]


def test_quantizing_puts_the_largest_of_a_block_at_the_largest_code():
    w = np.random.default_rng(10).standard_normal((20, 33))
    values, scale = quantize(w, "F8_E4M3", 16, 16)
    assert (
        scale.shape == (2, 3)
        and np.abs(values[:16, :16]).max() == np.abs(values[16:, 32:]).max() == 448
    )
    restored = values * spread_scales(scale, (20, 33), None)
    assert np.abs(restored / w - 1)[np.abs(values) >= 2**-6].max() <= 1 / 16 + 1e-6


@pytest.mark.parametrize(
    "shape, counts, preferred, found",
    [
        ((50, 41), (4, 3), None, (16, 16)),
        ((50, 41), (2, 2), None, (32, 32)),
        ((50, 41), (1, 1), None, (64, 64)),
        ((7168, 2048), (56, 16), None, (128, 128)),
        ((129, 256), (2, 2), None, (128, 128)),
        ((50, 41), (2, 5), None, None),
        ((50, 41), (2, 5), (32, 9), (32, 9)),
        ((50, 41), (4, 3), (32, 9), (16, 16)),
        ((50, 41), (50, 1), None, (1, 41)),
        ((50, 41), (7, 6), None, None),
        ((50, 41), (7, 6), (8, 8), (8, 8)),
        ((5, 4), (1, 1), None, (16, 16)),
    ],
)
def test_blocks(shape, counts, preferred, found):
    assert find_block(shape, counts, preferred) == found


@pytest.mark.parametrize(
    "config, found",
    [
        ({"quantization_config": {"weight_block_size": [128, 128]}}, (128, 128)),
        ({}, None),
        ({"quantization_config": None}, None),
        ({"text_config": {"quantization_config": {"weight_block_size": [64, 32]}}}, (64, 32)),
        ({"quantization_config": {"weight_block_size": None}}, None),
        ({"quantization_config": {"weight_block_size": [0, 8]}}, None),
        ({"quantization_config": {"weight_block_size": [8]}}, None),
    ],
)
def test_block_sizes_of_configs(config, found):
    assert read_block_size(config) == found


def test_scales_over_weights_by_hand():
    single, rows = np.float32(3), np.arange(1, 4, dtype=np.float32)
    assert (spread_scales(single.reshape(()), (2, 2), None) == 3).all() and (
        spread_scales(single.reshape(1), (5,), None) == 3
    ).all()
    by_row = [[1, 1], [2, 2], [3, 3]]
    assert (
        spread_scales(rows, (3, 2), None).tolist()
        == spread_scales(rows[:, None], (3, 2), None).tolist()
        == by_row
    )
    found = spread_scales(np.array([[1, 2], [3, 4]], dtype=np.float32), (17, 18), None)
    assert (
        found.shape == (17, 18)
        and found[15, 15] == 1
        and found[15, 16] == 2
        and found[16, 15] == 3
        and found[16, 17] == 4
    )
    # Slices: one each, or a grid each.
    assert spread_scales(rows, (3, 1, 2), None).tolist() == [[[1, 1]], [[2, 2]], [[3, 3]]]
    assert spread_scales(np.array([[[1, 2]], [[3, 4]]], dtype=np.float32), (2, 1, 17), None)[
        1, 0, 15:
    ].tolist() == [3, 4]
    for scales, shape in (
        (rows, (2, 3)),
        (rows, (3,)),
        (rows[:, None], (2, 2)),
        (rows[None], (2, 2)),
        (rows, (2, 3, 3)),
        (rows[:, None], (3, 1, 2)),
        (np.ones((1, 1, 1)), (4, 4)),
    ):
        assert spread_scales(scales, shape, None) is None, (scales.shape, shape)


def make_tensor(name, dtype, bits, kind="u1"):
    bits = np.array(bits, dtype=kind)
    return Tensor(name, dtype, bits.shape, bits)


def make_single(name, values):
    return make_tensor(name, "F32", np.array(values, dtype=np.float32).view(np.uint32), "u4")


def attach(*tensors):
    return attach_scales({t.name: t for t in tensors}, {})


def test_values_are_products_in_single_precision():
    w = make_tensor("w.weight", "F8_E4M3", [[0x39, 0xB9, 0x7F, 0x00]])
    found = attach(w, make_single("w.weight_scale", [0.1]))
    assert list(found) == ["w.weight"]
    product = np.float32(1.125) * np.float32(0.1)
    stored = found["w.weight"].stored()
    assert (
        stored.dtype == np.float32
        and stored[0, :2].tolist() == [product, -product]
        and float(product) != 1.125 * 0.1
    )
    assert np.isnan(stored[0, 2]) and stored[0, 3] == 0
    # Without a scale, and with one that overflows.
    assert attach(make_tensor("w.weight", "F8_E5M2", [0x3C]))["w.weight"].values().tolist() == [1]
    found = attach(make_tensor("w.weight", "F8_E5M2", [0x7B]), make_single("w.weight_scale", 3e38))
    assert found["w.weight"].values().tolist() == [math.inf]


def test_scales_that_were_used_are_not_tensors():
    w, inverse, plain = (
        make_tensor("w.weight", "F8_E4M3", [[0x38]]),
        make_single("w.weight_scale_inv", [2]),
        make_single("w.weight_scale", [4]),
    )
    found = attach(w, inverse, plain, make_single("v.weight_scale", [1]))
    assert (
        list(found) == ["w.weight", "w.weight_scale", "v.weight_scale"]
        and found["w.weight"].values() == 2
    )
    bf16 = Tensor("w.weight", "BF16", (1,), np.array([0x3F80], dtype=np.uint16))
    assert list(attach(bf16, make_single("w.weight_scale", [2]))) == ["w.weight", "w.weight_scale"]


@pytest.mark.parametrize(
    "scale, message",
    [
        (make_tensor("w.weight_scale", "I32", [1], "i4"), "is not a float"),
        (make_tensor("w.weight_scale", "F8_E4M3", [0x38]), "is not a float"),
        (make_single("w.weight_scale", [1, 2, 3]), "does not fit"),
    ],
)
def test_a_bad_scale_is_said_of_the_weight_and_stays_a_tensor(scale, message):
    found = attach(make_tensor("w.weight", "F8_E4M3", [[0x38, 0x38]]), scale)
    assert message in found["w.weight"].problem and "w.weight_scale" in found


def test_scales_of_powers_of_two():
    found = attach(
        make_tensor("w.weight", "F8_E4M3", [[0x38, 0x40]]),
        make_tensor("w.weight_scale", "F8_E8M0", [124]),
    )
    assert found["w.weight"].values().tolist() == [[0.125, 0.25]]


def test_codes_and_scales_that_agree():
    def side(kind, bits, scale):
        weight = make_tensor("w.weight", kind, bits)
        return attach(weight, *([] if scale is None else [make_single("w.weight_scale", scale)]))[
            "w.weight"
        ]

    a = side("F8_E4M3", [[1, 2], [3, 0x7F]], [1, 2])
    assert quantized(a, side("F8_E4M3", [[1, 2], [4, 0x7F]], [1, 3])) == {
        "codes_equal": 3,
        "scales": 2,
        "scales_equal": 1,
    }
    assert quantized(a, side("F8_E4M3", [[1, 2], [3, 0x7F]], [1])) == {
        "codes_equal": 4,
        "scales": 2,
        "scales_equal": 0,
    }
    assert quantized(a, side("F8_E4M3", [[1, 2], [3, 0x7F]], None)) == {
        "codes_equal": 4,
        "scales": 2,
        "scales_equal": 0,
    }
    assert quantized(a, side("F8_E5M2", [[1, 2], [3, 0x7F]], [1, 2])) is None
    assert quantized(a, make_single("w.weight", [[1, 2], [3, 4]])) is None
