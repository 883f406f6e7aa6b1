"""bfloat16 by its bits: the upper half of a float32."""
import numpy as np


def from_float(values):
    """Codes (uint16) of the nearest bf16, ties to even; one rounding also from float64. NaN stays NaN."""
    wide = np.asarray(values)
    with np.errstate(over="ignore", invalid="ignore"):
        single = wide.astype(np.float32)
    bits = single.view(np.uint32).astype(np.int64)
    if wide.dtype == np.float64:
        # A float64 a hair off a bf16 tie becomes that tie in float32; put it back on its side.
        tie = ((bits & 0xFFFF) == 0x8000) & np.isfinite(wide)
        with np.errstate(invalid="ignore"):
            back = np.abs(wide) - np.abs(single.astype(np.float64))
        bits = bits + np.where(tie, np.sign(np.where(tie, back, 0)).astype(np.int64), 0)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return np.where(np.isnan(wide), 0x7FC0, rounded).astype(np.uint16)


def to_float32(codes):
    """The float32 with the same value."""
    return (np.asarray(codes).astype(np.uint32) << 16).view(np.float32)


def ordered(codes):
    """Integers whose difference counts the bf16 numbers between two values; +0 and -0 are the same one."""
    codes = np.asarray(codes).astype(np.int64)
    magnitude = codes & 0x7FFF
    return np.where(codes & 0x8000, -magnitude, magnitude)
