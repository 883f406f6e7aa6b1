"""FP8: the values of its codes, the scales that belong to a weight, and the codes that agree.

Codes are tables of 256 float32 values, made from their bit fields.

F8_E4M3 (the "fn" kind: no infinities, NaN only where all other bits are set) and F8_E5M2 (as IEEE
754) are those of Micikevicius et al., arXiv 2209.05433, table 1. F8_E8M0 holds scales only: 2^(code
- 127), 255 is NaN (OCP Microscaling Formats 1.0, section 5.4.1).

A weight is f32(code) * f32(scale), rounded to float32. Names and shapes of scales: DeepSeek-V3's
`weight_scale_inv` (arXiv 2412.19437, section 3.3; despite its name it multiplies) in blocks, and
`weight_scale` of compressed-tensors and FBGEMM, one number or one a row. Each is accepted under
either name.
"""

import numpy as np

# Exponent bits, mantissa bits, bias.
FIELDS = {"F8_E4M3": (4, 3, 7), "F8_E5M2": (5, 2, 15)}

ENDINGS = ("_scale_inv", "_scale")
FLOATS = ("BF16", "F16", "F32", "F64", "F8_E8M0")
LEAST_BLOCK = 16


def make_table(kind):
    """Returns the value of every code; all of them are exact in float32."""
    code = np.arange(256)
    if kind == "F8_E8M0":
        return np.where(code == 255, np.nan, 2.0 ** (code - 127)).astype(np.float32)
    exponents, mantissas, bias = FIELDS[kind]
    top = 2**exponents - 1
    exponent, mantissa = (code >> mantissas) & top, code & (2**mantissas - 1)
    # A subnormal has the exponent of the smallest normal and no leading 1.
    size = np.where(exponent == 0, mantissa, mantissa + 2**mantissas) * 2.0 ** (
        np.maximum(exponent, 1) - bias - mantissas
    )
    if kind == "F8_E5M2":
        size = np.where(exponent == top, np.where(mantissa == 0, np.inf, np.nan), size)
    else:
        size = np.where(code & 0x7F == 0x7F, np.nan, size)
    return np.where(code & 0x80, -size, size).astype(np.float32)


TABLES = {kind: make_table(kind) for kind in (*FIELDS, "F8_E8M0")}


def read_block_size(config):
    """Returns (rows, columns) by config.json, or None."""
    for part in (config, config.get("text_config")):
        found = ((part or {}).get("quantization_config") or {}).get("weight_block_size")
        if (
            isinstance(found, list)
            and len(found) == 2
            and all(isinstance(n, int) and n > 0 for n in found)
        ):
            return tuple(found)
    return None


def find_block(shape, counts, preferred):
    """Returns the rows and columns that share one of down x across scales: by the config, else the
    smallest square of a power of two."""
    if counts == (shape[0], 1):
        return 1, shape[1]
    fits = lambda size: tuple(-(-length // step) for length, step in zip(shape, size)) == counts
    squares = [(2**i, 2**i) for i in range(LEAST_BLOCK.bit_length() - 1, 64)]
    return next(
        (size for size in [*([preferred] if preferred else []), *squares] if fits(size)), None
    )


def spread_scales(scales, shape, preferred):
    """Returns the scale of every weight, or None where the shapes don't fit; a 3-D tensor may have
    scales for each slice."""
    if scales.shape in ((), (1,)):
        return np.broadcast_to(scales.reshape(()), shape)
    if len(shape) == 3:
        if scales.shape[0] != shape[0]:
            return None
        parts = [
            spread_scales(part, shape[1:], preferred) if scales.ndim in (1, 3) else None
            for part in scales
        ]
        return None if any(part is None for part in parts) else np.stack(parts)
    if len(shape) != 2:
        return None
    if scales.shape == shape[:1]:
        scales = scales[:, None]
    size = find_block(shape, scales.shape, preferred) if scales.ndim == 2 else None
    if size is None:
        return None
    return scales.repeat(size[0], axis=0)[: shape[0]].repeat(size[1], axis=1)[:, : shape[1]]


def read_scales(scale):
    """Returns a scale tensor as float32, or None where its dtype is not a float."""
    if scale.dtype not in FLOATS:
        return None
    with np.errstate(over="ignore"):
        return (
            TABLES[scale.dtype][scale.bits]
            if scale.dtype == "F8_E8M0"
            else scale.stored().astype(np.float32)
        )


def attach_scales(tensors, config):
    """Returns the tensors of a checkpoint without the scales that were used; weights have theirs,
    or a sentence on what is wrong."""
    preferred, used = read_block_size(config), set()
    for name, weight in tensors.items():
        if weight.dtype not in FIELDS:
            continue
        scale = next((tensors[name + end] for end in ENDINGS if name + end in tensors), None)
        if scale is None:
            continue
        weight.scales = read_scales(scale)
        if weight.scales is None:
            weight.problem = f"{scale.name} is stored as {scale.dtype}, which is not a float"
            continue
        weight.spread = spread_scales(weight.scales, weight.shape, preferred)
        if weight.spread is None:
            weight.problem = (
                f"{scale.name} of shape {scale.shape} does not fit a weight of {weight.shape}"
            )
        else:
            used.add(scale.name)
    return {name: tensor for name, tensor in tensors.items() if name not in used}


def quantized(base, tuned):
    """Counts the codes and scales that agree, where both sides are FP8 of one kind; else None.

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
