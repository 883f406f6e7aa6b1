"""The size and the spectrum of the update itself."""

import numpy as np

from . import chance


def update(w0, w1, k, adapter=None):
    """Returns the figures of Delta = W1 - W0, or of an adapter's own.

    Spectral ones for finite matrices only, sizes without what is NaN or infinite.
    """
    finite = np.isfinite(w0) & np.isfinite(w1)
    with np.errstate(invalid="ignore"):
        delta = adapter.delta() if adapter else w1 - w0
    if not finite.all():
        w0, delta = w0[finite], delta[finite]  # lists of weights and no longer matrices
    base, size = float(np.linalg.norm(w0)), float(np.linalg.norm(delta))
    out = {
        "frobenius_base": base,
        "frobenius_update": size,
        "relative_update": size / base if base > 0 else None,
        "max_abs_update": float(np.abs(delta).max(initial=0)),
        "spectral_norm": None,
        "stable_rank": None,
        "spectrum": [],
        "share_top_k": None,
        "rank_share": None,
        "entropy_rank": None,
        "chance": None,
    }
    if w0.ndim != 2:
        return out
    s = np.linalg.svd(delta, compute_uv=False)
    # A product of factors with r columns has no more than r values.
    out["spectrum"], out["spectral_norm"] = (
        s[: adapter.rank if adapter else None].tolist(),
        float(s[0]),
    )
    if s[0] > 0:
        out["stable_rank"] = float(size**2 / s[0] ** 2)
        out["share_top_k"] = float((s[:k] ** 2).sum() / (s**2).sum())
        # The tolerance of torch.linalg.matrix_rank for float32.
        tolerance = max(delta.shape) * np.finfo(np.float32).eps * s[0]
        out["rank_share"] = float((s > tolerance).sum() / s.size)
        p = s[s > 0] / s.sum()
        out["entropy_rank"] = float(np.exp(-(p * np.log(p)).sum()))
        out["chance"] = chance.update(*delta.shape, k)
    return out
