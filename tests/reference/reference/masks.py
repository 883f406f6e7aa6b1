"""Masks of principal and of low-magnitude weights, and where the changed weights lie (PNT section 4; LIFT 2506.00772)."""
import math

import numpy as np


def overlap(mask, changed):
    """|mask and M| / |M| beside the density of the mask; an empty M has no overlap."""
    size, both, m = int(mask.sum()), int((mask & changed).sum()), int(changed.sum())
    chance = size / mask.size
    share = both / m if m else None
    return {"size": size, "both": both, "overlap": share, "chance": chance,
            "enrichment": share / chance if m and size else None}


def masks(w0, reconstruction, changed, alpha, k):
    """All five masks at one alpha. `near_threshold` counts entries whose side only rounding decides."""
    count = math.ceil(alpha * w0.size)
    size, approx = np.abs(w0), np.abs(reconstruction)
    high = np.partition(approx.ravel(), -count)[-count]
    low = np.partition(size.ravel(), count - 1)[count - 1]
    principal, small = approx >= high, size <= low
    return {
        "alpha": alpha, "k": k, "changed": int(changed.sum()), "principal_threshold": float(high),
        "low_threshold": float(low), "principal": overlap(principal, changed), "low": overlap(small, changed),
        "principal_not_low": overlap(principal & ~small, changed), "not_principal": overlap(~principal, changed),
        "safe": overlap(small | ~principal, changed),
        "near_threshold": int((np.abs(approx - high) <= 1e-6 * high).sum()),
    }
