"""A share per row or column, short enough to draw."""

import numpy as np

POINTS = 256


def group_means(each):
    """Returns the means of neighbouring groups of ceil(length / 256), the last one shorter where
    that does not divide."""
    step = -(-each.size // POINTS)
    return [float(each[i : i + step].mean()) for i in range(0, each.size, step)]


def profile(marked, axis):
    """Returns the share of marked weights per row (axis 1 is averaged) or per column (axis 0)."""
    each = marked.mean(axis=axis)
    return {
        "length": int(each.size),
        "values": group_means(each),
        "min": float(each.min()),
        "median": float(np.median(each)),
        "max": float(each.max()),
    }
