"""Principal subspaces: angles between two of them, and the part of an update that they hold."""

import numpy as np
from scipy.linalg import subspace_angles


def angles(a, b):
    """Returns the principal angles in degrees, descending; a subspace that fills the space cannot
    turn."""
    if a.shape[0] <= a.shape[1]:
        return np.zeros(a.shape[1])
    return np.degrees(subspace_angles(a, b))


def vector_angles(a, b):
    """Returns the sign-free angle of each pair of columns, by chord length: arccos is blind to
    small ones."""
    b = b * np.where((a * b).sum(axis=0) < 0, -1.0, 1.0)
    return np.degrees(2 * np.arcsin(np.clip(np.linalg.norm(a - b, axis=0) / 2, 0, 1)))


def shares(delta, u, v):
    """Returns the off-principal shares: both sides, left, right; None for a zero update."""
    total = float((delta**2).sum())
    if total == 0:
        return None, None, None
    parts = u.T @ delta @ v, u.T @ delta, delta @ v
    return tuple(1 - float((p**2).sum()) / total for p in parts)


def relative_gap(s, k):
    """Returns (sigma_k - sigma_{k+1}) / sigma_k, with zeros after the last."""
    return float((s[k - 1] - (s[k] if k < s.size else 0.0)) / s[k - 1]) if s[k - 1] > 0 else 0.0
