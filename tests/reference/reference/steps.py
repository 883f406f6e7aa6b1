"""Tuned checkpoints that are saves of one run in order: what each changed from the one before it, the base before the first."""

from .precision import changed_mask
from .profile import profile


def steps(base, tuned, eta=1e-3):
    """Of one tensor: count, density, and for matrices density per row and per column, for each save."""
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
