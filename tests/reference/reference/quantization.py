"""Which scale belongs to which FP8 weight: value = f32(code) * f32(scale), rounded to float32.

Names and shapes: DeepSeek-V3's `weight_scale_inv` (arXiv 2412.19437, section 3.3; despite its name it multiplies) in blocks,
and `weight_scale` of compressed-tensors and FBGEMM, one number or one a row. Each is accepted under either name.
"""

import numpy as np

from .fp8 import FIELDS, TABLES

ENDINGS = ("_scale_inv", "_scale")
FLOATS = ("BF16", "F16", "F32", "F64", "F8_E8M0")
LEAST_BLOCK = 16


def block_size(config):
    """(rows, columns) by config.json, or None."""
    for part in (config, config.get("text_config")):
        found = ((part or {}).get("quantization_config") or {}).get("weight_block_size")
        if (
            isinstance(found, list)
            and len(found) == 2
            and all(isinstance(n, int) and n > 0 for n in found)
        ):
            return tuple(found)
    return None


def block(shape, counts, preferred):
    """Rows and columns that share one of down x across scales: by the config, else the smallest square of a power of two."""
    if counts == (shape[0], 1):
        return 1, shape[1]
    fits = lambda size: tuple(-(-length // step) for length, step in zip(shape, size)) == counts
    squares = [(2**i, 2**i) for i in range(LEAST_BLOCK.bit_length() - 1, 64)]
    return next(
        (size for size in [*([preferred] if preferred else []), *squares] if fits(size)), None
    )


def spread(scales, shape, preferred):
    """The scale of every weight, or None where the shapes don't fit; a 3-D tensor may have scales for each slice."""
    if scales.shape in ((), (1,)):
        return np.broadcast_to(scales.reshape(()), shape)
    if len(shape) == 3:
        if scales.shape[0] != shape[0]:
            return None
        parts = [
            spread(part, shape[1:], preferred) if scales.ndim in (1, 3) else None for part in scales
        ]
        return None if any(part is None for part in parts) else np.stack(parts)
    if len(shape) != 2:
        return None
    if scales.shape == shape[:1]:
        scales = scales[:, None]
    size = block(shape, scales.shape, preferred) if scales.ndim == 2 else None
    if size is None:
        return None
    return scales.repeat(size[0], axis=0)[: shape[0]].repeat(size[1], axis=1)[:, : shape[1]]


def numbers(scale):
    """A scale tensor as float32, or None where it is no float."""
    if scale.dtype not in FLOATS:
        return None
    with np.errstate(over="ignore"):
        return (
            TABLES[scale.dtype][scale.bits]
            if scale.dtype == "F8_E8M0"
            else scale.stored().astype(np.float32)
        )


def with_scales(tensors, config):
    """The tensors of a checkpoint without the scales that were used; weights have theirs, or a sentence on what is wrong."""
    preferred, used = block_size(config), set()
    for name, weight in tensors.items():
        if weight.dtype not in FIELDS:
            continue
        scale = next((tensors[name + end] for end in ENDINGS if name + end in tensors), None)
        if scale is None:
            continue
        weight.scales = numbers(scale)
        if weight.scales is None:
            weight.problem = f"{scale.name} is stored as {scale.dtype}, which is no float"
            continue
        weight.spread = spread(weight.scales, weight.shape, preferred)
        if weight.spread is None:
            weight.problem = (
                f"{scale.name} of shape {scale.shape} does not fit a weight of {weight.shape}"
            )
        else:
            used.add(scale.name)
    return {name: tensor for name, tensor in tensors.items() if name not in used}


def quantized(base, tuned):
    """Codes and scales that agree, where both sides are FP8 of one kind; else None.

    Of scale tensors of different sizes none agrees, and the larger is counted.
    """
    if base.dtype not in FIELDS or base.dtype != tuned.dtype:
        return None
    a, b = (
        np.empty(0, np.float32) if t.scales is None else t.scales.ravel() for t in (base, tuned)
    )
    equal = int((a.view(np.uint32) == b.view(np.uint32)).sum()) if a.size == b.size else 0
    return {
        "codes_equal": int((base.bits == tuned.bits).sum()),
        "scales": max(a.size, b.size),
        "scales_equal": equal,
    }
