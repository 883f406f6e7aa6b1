"""One pair of checkpoints, tensor by tensor, with the field names of the product's report."""
import numpy as np

from . import names
from .checkpoint import BITS, read
from .geometry import geometry
from .masks import masks
from .precision import changed_mask, precision
from .update import update


def tensor_report(base, tuned, k, alphas, eta):
    """All figures of one tensor; figures of the real numbers are undefined where an entry is not one."""
    out = {"name": base.name, "layer": names.layer(base.name), "module": names.module(base.name),
           "shape": list(base.shape), "transposed": names.transposed(base.name, base.shape), "dtype": base.dtype,
           "parameters": int(base.bits.size), "precision": precision(base, tuned, eta), "update": None,
           "geometry": None, "masks": []}
    w0, w1 = base.values(), tuned.values()
    if not (np.isfinite(w0).all() and np.isfinite(w1).all()):
        return out
    out["update"] = update(w0, w1, k)
    if w0.ndim == 2:
        out["geometry"], reconstruction = geometry(w0, w1, k)
        if out["geometry"]:
            changed = changed_mask(base, tuned, eta)
            out["masks"] = [masks(w0, reconstruction, changed, a, out["geometry"]["k"]) for a in alphas]
    return out


def reason(base, tuned):
    """Why two tensors of one name cannot be compared, or None."""
    if base.dtype not in BITS or tuned.dtype not in BITS:
        return "unsupported_dtype"
    if base.shape != tuned.shape:
        return "shape_differs"
    if base.dtype != tuned.dtype:
        return "dtype_differs"
    return "empty" if base.bits.size == 0 else None


def run(base_path, tuned_path, k=64, alphas=(0.1,), eta=1e-3):
    """{tensors, left_out} of one tuned checkpoint."""
    base, tuned = read(base_path), read(tuned_path)
    left_out = [{"name": n, "reason": "only_in_tuned" if t.dtype in BITS else "unsupported_dtype"}
                for n, t in tuned.items() if n not in base]
    tensors = []
    for name, tensor in base.items():
        other = tuned.get(name)
        if other is None:
            why = "only_in_base" if tensor.dtype in BITS else "unsupported_dtype"
        else:
            why = reason(tensor, other)
        if why:
            left_out.append({"name": name, "reason": why})
        else:
            tensors += [tensor_report(b, t, k, alphas, eta) for b, t in zip(tensor.slices(), other.slices())]
    return {"tensors": tensors, "left_out": left_out}
