"""Draws matrices as small pictures: cells of a few rows and columns, a byte each, in standard
base64 (RFC 4648, section 4).

Beside each map stands `undecided`: cells, counted row-major, whose byte lies so close to a half
that rounding decides. A product may be off by one there and nowhere else.
"""

import base64
import math

import numpy as np

# A principal mask whose threshold comes from so many entries, or all of a matrix that has no more.
SAMPLE = 2**16
# Standard deviations of its size that are allowed.
DEVIATIONS = 5
# Entries of the rank-k reconstruction are known to this, relatively, where its subspace is worth
# drawing.
ENTRIES = 1e-4
# Bytes of a density follow from integers, those of |D| from sums that err by 1e-6, on either side
# of a quotient.
DENSITY_ERROR = 1e-9
SIZE_ERROR = 16 * math.log2(1 + 2e-6)


def divide_grid(shape, side):
    """Returns the rows and columns of the map, and of the matrix in a cell; the last cell may be
    smaller."""
    groups = [-(-length // side) for length in shape]
    rows, columns = (-(-length // group) for length, group in zip(shape, groups))
    return {"rows": rows, "columns": columns, "row_group": groups[0], "column_group": groups[1]}


def sum_cells(values, side):
    """Returns the sum of each cell."""
    found = divide_grid(values.shape, side)
    rows, columns = (
        np.arange(found[n]) * found[g]
        for n, g in (("rows", "row_group"), ("columns", "column_group"))
    )
    return np.add.reduceat(
        np.add.reduceat(values.astype(np.float64), rows, axis=0), columns, axis=1
    )


def encode_cells(marks, zero, error):
    """Returns (base64, undecided) of unrounded bytes; cells in `zero` are 0, all others 1 to
    255."""
    marks = np.where(zero, 0, marks)
    rounded = np.where(zero, 0, np.clip(np.floor(marks + 0.5), 1, 255)).astype(np.uint8)
    undecided = (np.abs(marks - np.floor(marks) - 0.5) <= error) & (marks > 1)
    return base64.b64encode(rounded.tobytes()).decode(), np.flatnonzero(undecided).tolist()


def density(mask, side):
    """Returns the share of marked weights of each cell."""
    share = sum_cells(mask, side) / sum_cells(np.ones(mask.shape), side)
    return encode_cells(255 * share, share == 0, DENSITY_ERROR)


def size(w0, w1, side):
    """Returns the mean |D| over a cell's finite weights as (base64, undecided, largest), 16 steps
    to a power of two."""
    finite = np.isfinite(w0) & np.isfinite(w1)
    with np.errstate(invalid="ignore"):
        moved = np.where(finite, np.abs(w1 - w0), 0.0)
    mean = sum_cells(moved, side) / np.maximum(sum_cells(finite, side), 1)
    largest = float(mean.max())
    if largest == 0:
        return *encode_cells(np.zeros(mean.shape), mean == 0, 0), 0.0
    with np.errstate(divide="ignore"):
        marks = 255 + 16 * np.log2(mean / largest)
    text, undecided = encode_cells(marks, marks <= 0.5, SIZE_ERROR)
    # From nothing to 1 the step lies at a half, too.
    edge = np.flatnonzero(np.abs(marks - 0.5) <= SIZE_ERROR).tolist()
    return text, sorted({*undecided, *edge}), largest


def principal_masks(reconstruction, alpha):
    """Returns the mask of the top alpha of |W0^(k)|, and the smallest and largest that a sampled
    threshold may give instead."""
    approx, n = np.abs(reconstruction), reconstruction.size

    def threshold(share):
        count = min(max(math.ceil(share * n), 0), n)
        return np.partition(approx.ravel(), -count)[-count] if count else math.inf

    # A quantile's standard deviation as a share of the weights; of a whole population it is the one
    # or the other neighbour.
    sampled = DEVIATIONS * math.sqrt(alpha * (1 - alpha) / SAMPLE) if n > SAMPLE else 1 / n
    fewest, most = (
        threshold(alpha - sampled) * (1 + ENTRIES),
        threshold(alpha + sampled) * (1 - ENTRIES),
    )
    return [approx >= t for t in (threshold(alpha), fewest, most)]


def maps(w0, w1, changed, reconstruction, alpha, side):
    """Returns all maps of one matrix, or None; `reconstruction` is None without a geometry."""
    if w0.ndim != 2 or side == 0:
        return None
    text, undecided = density(changed, side)
    moved, unsure, largest = size(w0, w1, side)
    out = {
        **divide_grid(w0.shape, side),
        "changed": text,
        "changed_undecided": undecided,
        "update": moved,
        "update_undecided": unsure,
        "update_max": largest,
        "alpha": alpha,
        "principal": None,
    }
    if reconstruction is not None:
        for name, mask in zip(
            ("principal", "principal_fewest", "principal_most"),
            principal_masks(reconstruction, alpha),
        ):
            out[name] = density(mask, side)[0]
    return out


def consensus_map(masks, side):
    """Returns the map of the weights changed in all runs; `masks` holds one mask for each run.
    Vectors have none."""
    if masks.ndim != 3 or side == 0:
        return None
    text, undecided = density(masks.all(axis=0), side)
    return {**divide_grid(masks.shape[1:], side), "all": text, "all_undecided": undecided}
