"""bfloat16 by its bits: the upper half of a float32."""

import numpy as np


def from_float(values):
    """Returns the codes (uint16) of the nearest bf16, ties to even; float64 goes by way of float32,
    as PyTorch casts it. NaN stays NaN."""
    wide = np.asarray(values)
    with np.errstate(over="ignore", invalid="ignore"):
        single = wide.astype(np.float32)
    bits = single.view(np.uint32).astype(np.int64)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return np.where(np.isnan(wide), 0x7FC0, rounded).astype(np.uint16)


def to_float32(codes):
    """Returns the float32 with the same value."""
    return (np.asarray(codes).astype(np.uint32) << 16).view(np.float32)


def order_codes(codes):
    """Returns integers whose difference counts the bf16 numbers between two values; +0 and -0 are
    the same number."""
    codes = np.asarray(codes).astype(np.int64)
    magnitude = codes & 0x7FFF
    return np.where(codes & 0x8000, -magnitude, magnitude)
