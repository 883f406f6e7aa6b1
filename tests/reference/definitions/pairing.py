"""Pairs the tensors of one name in base and tuned, and says why others have no partner."""

from . import adapter
from .checkpoint import BITS, SUPPORTED, read


def to_common_dtype(base, tuned):
    """Returns both in one dtype that holds either exactly: the stored one where they agree, else
    F32, or F64 where a side has it."""
    dtypes = {base.dtype, tuned.dtype}
    same = (
        base.dtype
        if len(dtypes) == 1 and base.dtype in BITS
        else "F64"
        if "F64" in dtypes
        else "F32"
    )
    return base.as_dtype(same), tuned.as_dtype(same)


# No weights have these dtypes, nor codes of quantised ones.
INTEGERS = ("BOOL", "I16", "U16", "I64", "U64")


def name_dtype(dtype):
    """Says why a tensor of a dtype that is not read is left out."""
    return "buffer" if dtype in INTEGERS else "unsupported_dtype"


def is_scale(tensor):
    """Says whether a tensor is a scale of quantised weights that none of them took."""
    return tensor.name.endswith(("_scale", "_scale_inv"))


def find_lone_reason(tensor, reason):
    """Says why a tensor without a partner is left out."""
    if is_scale(tensor):
        return "quantization_parameter"
    if tensor.problem:
        return "bad_scale"
    return reason if tensor.dtype in SUPPORTED else name_dtype(tensor.dtype)


def find_reason(base, tuned):
    """Says why two tensors of one name cannot be compared, or None."""
    if is_scale(base):
        return "quantization_parameter"
    if base.problem or tuned.problem:
        return "bad_scale"
    if base.dtype not in SUPPORTED or tuned.dtype not in SUPPORTED:
        return name_dtype(tuned.dtype if base.dtype in SUPPORTED else base.dtype)
    if base.shape != tuned.shape:
        return "shape_differs"
    return "empty" if base.bits.size == 0 else None


def pair(base, tuned):
    """Returns (pairs of matrices or vectors in the base's order, what was left out) of two
    checkpoints as read."""
    left_out = [
        {"name": n, "reason": find_lone_reason(t, "only_in_tuned")}
        for n, t in tuned.items()
        if n not in base
    ]
    pairs = []
    for name, tensor in base.items():
        other = tuned.get(name)
        why = find_reason(tensor, other) if other else find_lone_reason(tensor, "only_in_base")
        if why:
            left_out.append({"name": name, "reason": why})
        else:
            pairs += [to_common_dtype(*sides) for sides in zip(tensor.slices(), other.slices())]
    return pairs, left_out


def pair_adapter(base, config, tensors):
    """Returns the same for an adapter: each weight that it moves beside itself merged, and what it
    holds whole beside the base's."""
    factors, whole = adapter.split_factors(tensors)
    moved = {
        f"{module}.weight": adapter.build_adapter(config, module, sides)
        for module, sides in factors.items()
    }
    pairs, left_out = pair({name: tensor for name, tensor in base.items() if name in whole}, whole)
    for name, found in moved.items():
        why = adapter.find_reason(base.get(name), found)
        if why:
            left_out.append({"name": name, "reason": why})
        else:
            weight = base[name] if base[name].dtype in BITS else base[name].as_dtype("F32")
            pairs.append((weight, adapter.merge_adapter(weight, found)))
    left_out += [
        {"name": name, "reason": "not_adapted"}
        for name in base
        if name not in moved and name not in whole
    ]
    order = {name: i for i, name in enumerate(base)}
    return sorted(pairs, key=lambda sides: order[sides[0].name.partition("[")[0]]), left_out


def read_pairs(base, path):
    """Returns (pairs, what was left out) of a base as read and a tuned checkpoint or adapter on
    disk."""
    return (
        pair_adapter(base, *adapter.read_adapter(path))
        if adapter.is_adapter(path)
        else pair(base, read(path))
    )
