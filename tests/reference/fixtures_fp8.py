"""Rounds to FP8, and scales weights to its range as quantizers do."""

import numpy as np

from reference.fp8 import FIELDS, TABLES

# The largest finite code of each kind.
TOP = {"F8_E4M3": 0x7E, "F8_E5M2": 0x7B}


def codes(values, kind):
    """The nearest code (uint8), ties to the even one; too large is the largest, infinite (E5M2 only) and NaN stay so."""
    values = np.asarray(values, dtype=np.float64)
    finite = TABLES[kind][: TOP[kind] + 1].astype(np.float64)
    size = np.where(np.isnan(values), 0, np.minimum(np.abs(values), finite[-1]))
    below = np.searchsorted(finite, size, side="right") - 1
    above = np.minimum(below + 1, TOP[kind])
    down, up = size - finite[below], finite[above] - size
    code = np.where((up < down) | ((up == down) & (below % 2 == 1)), above, below)
    if kind == "F8_E5M2":
        code = np.where(np.isinf(values), TOP[kind] + 1, code)
    return (np.where(np.isnan(values), 0x7F, code) | np.where(np.signbit(values), 0x80, 0)).astype(
        np.uint8
    )


def largest(w, rows, columns):
    """Of |w| in blocks of rows x columns, the last ones smaller."""
    size = np.abs(w)
    size = np.maximum.reduceat(size, np.arange(0, w.shape[0], rows), axis=0)
    return np.maximum.reduceat(size, np.arange(0, w.shape[1], columns), axis=1)


def quantize(w, kind, rows, columns):
    """(values of codes, scales) with the largest weight of a block at the largest finite value."""
    top = float(TABLES[kind][TOP[kind]])
    scale = (largest(w, rows, columns) / top).astype(np.float32)
    spread = (
        scale.astype(np.float64).repeat(rows, 0)[: w.shape[0]].repeat(columns, 1)[:, : w.shape[1]]
    )
    return TABLES[kind][codes(w / spread, kind)].astype(np.float64), scale.astype(np.float64)
