"""Gate I with a diagonal Fisher: the second-order estimate of the KL divergence, and where the
Fisher mass lies.

F holds one number >= 0 for each weight, in any float dtype: a diagonal of the Fisher matrix at the
base, or Adam's `exp_avg_sq` as a proxy.
"""

import numpy as np

from .checkpoint import BITS
from .precision import changed_mask


def read_diagonal(fisher, base):
    """Returns F as float64, or None where there is none for this tensor or it is not a diagonal of
    a Fisher matrix."""
    if fisher is None or fisher.dtype not in BITS or fisher.shape != base.shape:
        return None
    f = fisher.values()
    return f if (np.isfinite(f) & (f >= 0)).all() else None


def fisher_figures(base, tuned, fisher, eta):
    """Returns the figures of one tensor but `kl_share`, or None without a usable F."""
    f = read_diagonal(fisher, base)
    if f is None:
        return None
    w0, w1, changed = base.values(), tuned.values(), changed_mask(base, tuned, eta)
    # A weight that is NaN or infinite has changed, so its mass counts, but its distance does not
    # exist.
    finite = np.isfinite(w0) & np.isfinite(w1)
    weighted = float((f[finite] * (w1[finite] - w0[finite]) ** 2).sum())
    mass = float(f.sum())
    return {
        "kl_quadratic": weighted / 2,
        "kl_share": None,
        "weighted_norm": weighted**0.5,
        "mass": mass,
        "mass_on_changed": float(f[changed].sum()) / mass if mass > 0 else None,
        "chance": float(changed.mean()),
    }


def share_out(figures):
    """Sets each tensor's part of the sum over all that have figures; null where nothing moved."""
    found = [f for f in figures if f]
    total = sum(f["kl_quadratic"] for f in found)
    for f in found:
        f["kl_share"] = f["kl_quadratic"] / total if total > 0 else None
