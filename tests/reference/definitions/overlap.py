"""Compares several tuned runs of one base: do they change the same weights (MUK), and the same way?

M_r is the set of weights that run r changed in bf16 (PNT Def. 2.1). Chance is that of independent
masks of the same densities. Whatever would divide by zero is null.
"""

import numpy as np

from .checkpoint import SUPPORTED
from .maps import consensus_map
from .precision import changed_mask
from .profile import profile


def make_table(runs, figure):
    """Returns a runs x runs list."""
    return [[figure(a, b) for b in range(runs)] for a in range(runs)]


def off_diagonal_mean(matrix):
    """Returns the mean over pairs of different runs where it is defined."""
    found = [
        v for a, row in enumerate(matrix) for b, v in enumerate(row) if a != b and v is not None
    ]
    return sum(found) / len(found) if found else None


def quotients(runs, parameters, both, exactly, dot, expected):
    """Returns what follows from counts and inner products, for a tensor as for sums over tensors.

    `expected` holds what independent masks would give: counts of |A & B|, and weights in exactly 0,
    1, ..., R masks.
    """
    count, norm = len(runs), [dot[r][r] ** 0.5 for r in range(len(runs))]
    shared, in_exactly = expected
    changed = [both[r][r] for r in range(count)]

    def jaccard(a, b):
        union = changed[a] + changed[b] - both[a][b]
        return both[a][b] / union if union else None

    def cosine(a, b):
        return dot[a][b] / (norm[a] * norm[b]) if norm[a] and norm[b] else None

    def by_chance(a, b):
        total = changed[a] + changed[b]
        return shared[a][b] / (total - shared[a][b]) if total else None

    observed, chance = make_table(count, jaccard), make_table(count, by_chance)
    return {
        "runs": runs,
        "parameters": parameters,
        "changed": changed,
        "both": both,
        "jaccard": observed,
        "jaccard_chance": chance,
        "mean_jaccard": off_diagonal_mean(observed),
        "mean_jaccard_chance": off_diagonal_mean(chance),
        "one_sided": make_table(
            count, lambda a, b: both[a][b] / changed[a] if changed[a] else None
        ),
        "exactly": exactly,
        "exactly_chance": [n / parameters for n in in_exactly],
        "dot": dot,
        "cosine": make_table(count, cosine),
    }


def exactly_in(counts, n):
    """Returns the probability that a weight lies in exactly 0, 1, ..., R of the masks: the
    Poisson-binomial distribution."""
    shares = np.ones(1)
    for count in counts:
        # One minus the density as a quotient of integers, which loses nothing where nearly all
        # weights changed.
        shares = np.convolve(shares, [(n - count) / n, count / n])
    return shares.tolist()


def expected(both, parameters):
    """Returns what independent masks with these densities give: |A & B|, and weights in exactly 0,
    1, ..., R of them."""
    changed = [both[r][r] for r in range(len(both))]
    shared = make_table(len(both), lambda a, b: changed[a] * changed[b] / parameters)
    return shared, [share * parameters for share in exactly_in(changed, parameters)]


def tensor_overlaps(base, tuned, eta, map_side=64):
    """Compares the runs in one tensor; `tuned` maps the runs that have it to their tensors.

    A weight that is NaN or infinite in the base or in any of the runs has changed there, and takes
    no part in the inner products, so that these are of the same weights for every pair of runs.
    """
    masks = np.array([changed_mask(base, t, eta) for t in tuned.values()])
    sides = np.array([t.values() for t in [base, *tuned.values()]])
    finite = np.isfinite(sides).all(axis=0)
    deltas = [side[finite] - sides[0][finite] for side in sides[1:]]
    count = len(deltas)
    both = make_table(count, lambda a, b: int((masks[a] & masks[b]).sum()))
    exactly = np.bincount(masks.sum(axis=0).ravel(), minlength=count + 1).tolist()
    dot = make_table(count, lambda a, b: float((deltas[a] * deltas[b]).sum()))
    all_runs, matrix = masks.all(axis=0), masks.ndim == 3
    size = int(base.bits.size)
    return {
        "name": base.name,
        **quotients(list(tuned), size, both, exactly, dot, expected(both, size)),
        "row_consensus": profile(all_runs, 1) if matrix else None,
        "column_consensus": profile(all_runs, 0) if matrix else None,
        "consensus_map": consensus_map(masks, map_side),
    }


def model_overlaps(entries, count):
    """Returns the sums over the tensors that all runs have: otherwise pairs of runs would be
    compared on different weights."""
    entries = [e for e in entries if len(e["runs"]) == count]
    total = lambda name: np.sum([e[name] for e in entries], axis=0).tolist()
    if not entries:
        return []
    parts = (total(name) for name in ("parameters", "both", "exactly", "dot"))
    # Each tensor keeps its own densities: that runs agree on which tensors change says nothing of
    # which weights do.
    by_chance = [expected(e["both"], e["parameters"]) for e in entries]
    sums = [np.sum([levels[part] for levels in by_chance], axis=0).tolist() for part in (0, 1)]
    # Rows of different tensors have nothing in common.
    nowhere = dict.fromkeys(("row_consensus", "column_consensus", "consensus_map"))
    return [{"name": None, **quotients(list(range(count)), *parts, sums), **nowhere}]


def overlaps(base, pairs_of_runs, eta, map_side=64):
    """Returns one entry for each tensor that two or more runs have, in the base's order, and one
    for the model.

    `base` is the checkpoint as read, `pairs_of_runs` what `pairing.pair` gave for each run.
    """
    tuned = {}
    for run, pairs in enumerate(pairs_of_runs):
        for b, t in pairs:
            tuned.setdefault(b.name, {})[run] = t
    slices = (s for tensor in base.values() if tensor.dtype in SUPPORTED for s in tensor.slices())
    entries = [
        tensor_overlaps(s, tuned[s.name], eta, map_side)
        for s in slices
        if len(tuned.get(s.name, ())) > 1
    ]
    return entries + model_overlaps(entries, len(pairs_of_runs))


def steps(base, tuned, eta=1e-3):
    """Returns what each save changed of one tensor: count, density, and for matrices density per
    row and per column."""
    out = []
    for before, after in zip([base, *tuned], tuned):
        changed = changed_mask(before, after, eta)
        matrix = changed.ndim == 2
        out.append(
            {
                "changed": int(changed.sum()),
                "density": float(changed.mean()),
                "row_density": profile(changed, 1) if matrix else None,
                "column_density": profile(changed, 0) if matrix else None,
            }
        )
    return out


def add_steps(entries, pairs_of_runs):
    """Returns the entries of `overlaps` with what each save changed, where the runs are saves of
    one run.

    The model's counts are those of the tensors that all saves have.
    """
    tensors = [{b.name: (b, t) for b, t in pairs} for pairs in pairs_of_runs]
    out, whole = [], []
    for entry in entries:
        if entry["name"] is None:
            counts = [sum(changed) for changed in zip(*whole)]
            nowhere = {"row_density": None, "column_density": None}
            found = [{"changed": n, "density": n / entry["parameters"], **nowhere} for n in counts]
        else:
            sides = [tensors[run][entry["name"]] for run in entry["runs"]]
            found = steps(sides[0][0], [t for _, t in sides])
            if len(sides) == len(tensors):
                whole.append([step["changed"] for step in found])
        out.append({**entry, "steps": found})
    return out
