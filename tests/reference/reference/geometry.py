"""Gate II: spectra, principal subspaces and their rotation (PNT section 4; Bjorck & Golub 1973 for the angles)."""
import numpy as np
from scipy.linalg import subspace_angles


def decompose(w0):
    """Thin SVD with the numerical rank: tolerance max(m, n) * eps * sigma_1."""
    u, s, vt = np.linalg.svd(w0, full_matrices=False)
    rank = int((s > max(w0.shape) * np.finfo(np.float64).eps * s[0]).sum())
    return u, s, vt.T, rank


def angles(a, b):
    """Principal angles in degrees, descending; a subspace that fills the space cannot turn."""
    if a.shape[0] <= a.shape[1]:
        return np.zeros(a.shape[1])
    return np.degrees(subspace_angles(a, b))


def vector_angles(a, b):
    """Sign-free angle of each pair of columns, by chord length: arccos is blind to small ones."""
    b = b * np.where((a * b).sum(axis=0) < 0, -1.0, 1.0)
    return np.degrees(2 * np.arcsin(np.clip(np.linalg.norm(a - b, axis=0) / 2, 0, 1)))


def shares(delta, u, v):
    """Off-principal shares: both sides, left, right; None for a zero update."""
    total = float((delta**2).sum())
    if total == 0:
        return None, None, None
    parts = u.T @ delta @ v, u.T @ delta, delta @ v
    return tuple(1 - float((p**2).sum()) / total for p in parts)


def bounds(s0, s1, k, delta_norm, nss, relative, sine):
    """Weyl, Mirsky, Ky Fan and Wedin, each beside what it bounds (Mirsky 1960, Wedin 1972)."""
    gamma = s0[k - 1] - (s0[k] if k < s0.size else 0.0)
    strict = gamma - delta_norm
    pair = lambda observed, bound: {"observed": float(observed), "bound": None if bound is None else float(bound)}
    return {"weyl": pair(np.abs(s1 - s0).max(), delta_norm), "nss": pair(nss, relative),
            "ky_fan": pair(abs(s1[:k].sum() - s0[:k].sum()), k * delta_norm),
            "wedin_as_stated": pair(sine, delta_norm / gamma if gamma > 0 else None),
            "wedin_strict": pair(sine, delta_norm / strict if strict > 0 else None)}


def relative_gap(s, k):
    """(sigma_k - sigma_{k+1}) / sigma_k, with zeros after the last."""
    return float((s[k - 1] - (s[k] if k < s.size else 0.0)) / s[k - 1]) if s[k - 1] > 0 else 0.0


def geometry(w0, w1, requested):
    """Every figure of Gate II for one matrix, and the factors of the rank-k reconstruction; None for a zero base."""
    if not w0.any():
        return None, None
    u0, s0, v0, rank = decompose(w0)
    k = min(requested, rank)
    same = np.array_equal(w0, w1)
    u1, s1, v1, _ = (u0, s0, v0, rank) if same else decompose(w1)
    uk, vk, tk, wk = u0[:, :k], v0[:, :k], u1[:, :k], v1[:, :k]
    left, right = (np.zeros(k), np.zeros(k)) if same else (angles(uk, tk), angles(vk, wk))
    delta = w1 - w0
    both, one, two = shares(delta, uk, vk)
    m, n = w0.shape
    nss = float(np.linalg.norm(s1 - s0) / np.linalg.norm(s0))
    worst = float(max(left[0], right[0]))
    delta_norm = float(np.linalg.norm(delta, 2))
    return {
        "k": k, "requested_k": requested, "spectrum_base": s0.tolist(), "spectrum_tuned": s1.tolist(), "nss": nss,
        "nss_top_k": float(np.linalg.norm(s1[:k] - s0[:k]) / np.linalg.norm(s0[:k])),
        "angles_left": left.tolist(), "angles_right": right.tolist(), "rotation_max": worst,
        "rotation_median": float(np.median(np.concatenate([left, right]))), "gap": relative_gap(s0, k),
        "gap_tuned": relative_gap(s1, k),
        "vector_rotation_left": vector_angles(uk, tk).tolist(),
        "vector_rotation_right": vector_angles(vk, wk).tolist(),
        "off_principal_share": both, "off_principal_left": one, "off_principal_right": two,
        "chance": {"both": 1 - k * k / (m * n), "left": 1 - k / m, "right": 1 - k / n},
        "bounds": bounds(s0, s1, k, delta_norm, nss, np.linalg.norm(delta) / np.linalg.norm(w0),
                         np.sin(np.radians(worst))),
    }, (uk * s0[:k]) @ vk.T
