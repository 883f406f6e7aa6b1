"""Tensors of one name in base and tuned, and why others have no partner."""
from .checkpoint import BITS


def reason(base, tuned):
    """Why two tensors of one name cannot be compared, or None."""
    if base.dtype not in BITS or tuned.dtype not in BITS:
        return "unsupported_dtype"
    if base.shape != tuned.shape:
        return "shape_differs"
    if base.dtype != tuned.dtype:
        return "dtype_differs"
    return "empty" if base.bits.size == 0 else None


def pair(base, tuned):
    """(pairs of matrices or vectors in the base's order, what was left out) of two checkpoints as read."""
    left_out = [{"name": n, "reason": "only_in_tuned" if t.dtype in BITS else "unsupported_dtype"}
                for n, t in tuned.items() if n not in base]
    pairs = []
    for name, tensor in base.items():
        other = tuned.get(name)
        if other is None:
            why = "only_in_base" if tensor.dtype in BITS else "unsupported_dtype"
        else:
            why = reason(tensor, other)
        if why:
            left_out.append({"name": name, "reason": why})
        else:
            pairs += zip(tensor.slices(), other.slices())
    return pairs, left_out
