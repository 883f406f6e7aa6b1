"""Tensors of one name in base and tuned, and why others have no partner."""
from .checkpoint import BITS, SUPPORTED


def common(base, tuned):
    """Both in one dtype that holds either exactly: the stored one where they agree, else F32, or F64 where a side has it."""
    dtypes = {base.dtype, tuned.dtype}
    same = base.dtype if len(dtypes) == 1 and base.dtype in BITS else "F64" if "F64" in dtypes else "F32"
    return base.as_dtype(same), tuned.as_dtype(same)


def alone(tensor, reason):
    """Why a tensor without a partner is left out."""
    if tensor.problem:
        return "bad_scale"
    return reason if tensor.dtype in SUPPORTED else "unsupported_dtype"


def reason(base, tuned):
    """Why two tensors of one name cannot be compared, or None."""
    if base.problem or tuned.problem:
        return "bad_scale"
    if base.dtype not in SUPPORTED or tuned.dtype not in SUPPORTED:
        return "unsupported_dtype"
    if base.shape != tuned.shape:
        return "shape_differs"
    return "empty" if base.bits.size == 0 else None


def pair(base, tuned):
    """(pairs of matrices or vectors in the base's order, what was left out) of two checkpoints as read."""
    left_out = [{"name": n, "reason": alone(t, "only_in_tuned")} for n, t in tuned.items() if n not in base]
    pairs = []
    for name, tensor in base.items():
        other = tuned.get(name)
        why = reason(tensor, other) if other else alone(tensor, "only_in_base")
        if why:
            left_out.append({"name": name, "reason": why})
        else:
            pairs += [common(*sides) for sides in zip(tensor.slices(), other.slices())]
    return pairs, left_out
