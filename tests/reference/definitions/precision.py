"""Gate III: what the stored precision shows of an update (PNT Def. 2.1, 2.2 and Cor. 3.6)."""

import numpy as np

from . import bf16
from .profile import profile

# Magnitudes 1, 2, 3-4, 5-8, ..., 2^14+1 ... 2^15-1, and 2^15 up.
LOWS = [1, 2] + [2**j + 1 for j in range(1, 15)] + [2**15]
HIGHS = [1, 2] + [2 ** (j + 1) for j in range(1, 14)] + [2**15 - 1, None]


def is_within(w0, w1, eta):
    """Says of each weight whether |w1 - w0| <= eta * max(|w0|, |w1|) in the type of the arguments;
    a NaN or Inf on either side fails it."""
    kind = w0.dtype.type
    with np.errstate(all="ignore"):
        passed = np.abs(w1 - w0) <= kind(eta) * np.maximum(np.abs(w0), np.abs(w1))
    return passed & np.isfinite(w0) & np.isfinite(w1)


def changed_mask(base, tuned, eta=1e-3):
    """Returns M, the weights that the bf16 gate calls changed."""
    b = bf16.to_float32(bf16.from_float(base.stored()))
    t = bf16.to_float32(bf16.from_float(tuned.stored()))
    return ~is_within(b, t, eta)


def ulp_histogram(b, t):
    """Counts signed distances in bf16 codes over finite weights, in 35 bins."""
    finite = np.isfinite(bf16.to_float32(b)) & np.isfinite(bf16.to_float32(t))
    d = (bf16.order_codes(t) - bf16.order_codes(b))[finite]
    bins = [(None if h is None else -h, -l) for l, h in zip(LOWS, HIGHS)][::-1]
    bins += [(0, 0)] + list(zip(LOWS, HIGHS))
    counts = [
        int(
            np.count_nonzero(
                (d >= (-np.inf if a is None else a)) & (d <= (np.inf if z is None else z))
            )
        )
        for a, z in bins
    ]
    return {"from": [a for a, _ in bins], "to": [z for _, z in bins], "counts": counts}


def deciles(b, changed, delta):
    """Returns ten equal groups by |W0|; weights of one bf16 magnitude that straddle a boundary are
    split evenly."""
    magnitude = (b & 0x7FFF).ravel()
    codes, where, counts = np.unique(magnitude, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    starts = ends - counts
    moved = np.bincount(where.ravel(), changed.ravel().astype(float))
    size = np.bincount(where.ravel(), np.abs(delta).ravel())
    out = []
    for i in range(10):
        low, high = i * magnitude.size / 10, (i + 1) * magnitude.size / 10
        part = np.clip(np.minimum(ends, high) - np.maximum(starts, low), 0, None)
        share = part / counts
        top = int(codes[np.flatnonzero(part > 0)[-1]])
        upper = float(bf16.to_float32(np.uint16(top)))
        # The spacing at `upper`: 2^(exponent-7), where subnormals keep that of the smallest
        # exponent.
        half = 2.0 ** (max(top >> 7, 1) - 127 - 7 - 1)
        out.append(
            {
                "upper": upper if np.isfinite(upper) else None,
                "changed": float(share @ moved / part.sum()),
                "mean_abs_update": float(share @ size / part.sum()),
                "half_ulp": half if np.isfinite(upper) else None,
            }
        )
    return out


def density(changed, axis):
    """Returns the share of changed weights per row (axis 1 is averaged) or per column, with its
    dispersion.

    The variance is the unbiased one: with p taken from the same weights only that is 1 on average
    by chance.
    """
    each = changed.mean(axis=axis)
    n, p = changed.shape[axis], float(changed.mean())
    binomial = p * (1 - p) / n
    return {
        **profile(changed, axis),
        "dispersion": float(each.var(ddof=1) / binomial)
        if binomial > 0 and each.size > 1
        else None,
    }


def precision(base, tuned, eta=1e-3, abs_tolerance=1e-5):
    """Returns every figure of Gate III for one tensor."""
    b, t = bf16.from_float(base.stored()), bf16.from_float(tuned.stored())
    w0, w1 = base.values(), tuned.values()
    changed = changed_mask(base, tuned, eta)
    # Half precision has no arithmetic of its own in the gate: it runs in float32 like bf16.
    kind = np.float64 if base.dtype == "F64" else np.float32
    same = is_within(base.stored().astype(kind), tuned.stored().astype(kind), eta)
    finite = np.isfinite(w0) & np.isfinite(
        w1
    )  # an order of magnitudes has no place for NaN: no deciles then
    with np.errstate(invalid="ignore"):
        delta = w1 - w0
        near = finite & (np.abs(delta) <= abs_tolerance)
    n = w0.size
    matrix = w0.ndim == 2
    return {
        "unchanged": int((~changed).sum()),
        "sparsity_bf16": float((~changed).sum() / n),
        "bit_equal": int((base.bits == tuned.bits).sum()),
        "sparsity_abs": float(near.sum() / n),
        "unchanged_stored": int(same.sum()),
        "hidden_by_bf16": float(((w0 != w1) & ~changed).sum() / n),
        "non_finite": int((~finite).sum()),
        "ulp_histogram": ulp_histogram(b, t),
        "magnitude_deciles": deciles(b, changed, delta) if finite.all() else [],
        "row_density": density(changed, 1) if matrix else None,
        "column_density": density(changed, 0) if matrix else None,
    }
