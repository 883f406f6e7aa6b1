"""Masks of principal and of low-magnitude weights, and where the changed weights lie (PNT
section 4; LIFT 2506.00772)."""

import math

import numpy as np


def overlap(mask, changed):
    """Returns |mask and M| / |M| beside the density of the mask; an empty M has no overlap."""
    size, both, m = int(mask.sum()), int((mask & changed).sum()), int(changed.sum())
    chance = size / mask.size
    share = both / m if m else None
    return {
        "size": size,
        "both": both,
        "overlap": share,
        "chance": chance,
        "enrichment": share / chance if m and size else None,
    }


def threshold(values, count):
    """Returns the `count`-th largest value."""
    return float(np.partition(values.ravel(), -count)[-count])


def principal(reconstruction, small, changed, count):
    """Returns the masks of one reconstruction.

    `near_threshold` counts entries whose side only rounding decides.
    """
    approx = np.abs(reconstruction)
    high = threshold(approx, count)
    mask = approx >= high
    return mask, {
        "principal_threshold": high,
        "principal": overlap(mask, changed),
        "principal_not_low": overlap(mask & ~small, changed),
        "safe": overlap(small | ~mask, changed),
        "near_threshold": int((np.abs(approx - high) <= 1e-6 * high).sum()),
    }


def masks(w0, reconstructed, changed, alpha, ranks):
    """Returns all five masks at one alpha, and those that depend on the rank at every rank; the
    last rank's are the entry's own.

    `reconstructed` gives W0^(k) of a rank k.
    """
    count = math.ceil(alpha * w0.size)
    # Stored values are float32 or less, but for F64.
    size = np.abs(w0).astype(np.float32).astype(np.float64)
    low = -threshold(-size, count)
    small = size <= low
    sweep = []
    for rank in ranks:
        mask, found = principal(reconstructed(rank), small, changed, count)
        sweep.append({"k": rank, **found})
    return {
        "alpha": alpha,
        "changed": int(changed.sum()),
        "low_threshold": low,
        "low": overlap(small, changed),
        "not_principal": overlap(~mask, changed),
        **sweep[-1],
        "sweep": sweep,
    }
