"""LoRA adapters (Hu et al., arXiv 2106.09685) as Hugging Face's PEFT saves them:
adapter_config.json beside the factors.

Delta = s * B * A with A (r x inputs) and B (outputs x r); an embedding, and every weight where
`fan_in_fan_out` is true, is stored inputs x outputs and moves by the transpose. s is alpha / r, or
alpha / sqrt(r) where `use_rslora` is true (Kalajdzievski, arXiv 2312.03732). The merged weight is
what PyTorch's `weight += delta` gives with delta in float32: added in float32 and rounded once to
the dtype of the weight. PEFT casts the delta of an embedding to that dtype before it adds it.
"""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import bf16
from .checkpoint import BITS, SUPPORTED, CheckpointError, Tensor, read_file
from .geometry import decompose

CONFIG, FILE, PREFIX = "adapter_config.json", "adapter_model.safetensors", "base_model.model."
FACTOR = re.compile(r"(?P<module>.+)\.lora_(?P<embedding>embedding_)?(?P<side>[AB])(\.weight)?$")


@dataclass
class Adapter:
    """Holds both factors of one module in float64, s, whether their product is stored the other way
    round, and whether it is cast before it is added."""

    a: np.ndarray
    b: np.ndarray
    scale: float
    transposed: bool
    cast: bool = False

    @property
    def rank(self):
        """Returns r, the number of rows of A."""
        return self.a.shape[0]

    def delta(self):
        """Returns s * B * A in float64, as the weight is stored."""
        product = self.scale * (self.b @ self.a)
        return product.T if self.transposed else product


def is_adapter(path):
    """Says whether a folder holds an adapter and not a whole checkpoint."""
    return (Path(path) / CONFIG).is_file()


def read_adapter(path):
    """Returns (config, name -> tensor without PEFT's prefix) of a folder."""
    path = Path(path)
    try:
        config = json.loads((path / CONFIG).read_bytes())
    except ValueError as error:
        raise CheckpointError(f"{path / CONFIG} is not JSON: {error}") from None
    if not isinstance(config, dict) or config.get("peft_type") != "LORA" or config.get("use_dora"):
        raise CheckpointError(
            f"{path / CONFIG} is not of a plain LoRA adapter, whose update is s B A"
        )
    if not (path / FILE).is_file():
        raise CheckpointError(f"{path} holds {CONFIG} but no {FILE}")
    return config, {t.name.removeprefix(PREFIX): t for t in read_file(path / FILE)}


def match_pattern(patterns, module, default):
    """Returns the value of the first pattern that the end of a module's name matches, whole parts
    of it."""
    found = (
        value for key, value in (patterns or {}).items() if re.match(rf"^(.*\.)?({key})$", module)
    )
    return next(found, default)


def find_scaling(config, module):
    """Returns the (r, s) that the config gives a module; both numbers are 8 where it says nothing,
    as in PEFT."""
    r = match_pattern(config.get("rank_pattern"), module, config.get("r", 8))
    alpha = match_pattern(config.get("alpha_pattern"), module, config.get("lora_alpha", 8))
    return r, alpha / (math.sqrt(r) if config.get("use_rslora") else r)


def split_factors(tensors):
    """Returns (factors: module -> {"A", "B", "embedding"}, all other tensors) of an adapter's
    file."""
    factors, whole = {}, {}
    for name, tensor in tensors.items():
        found = FACTOR.match(name)
        if found:
            sides = factors.setdefault(found["module"], {"embedding": bool(found["embedding"])})
            sides[found["side"]] = tensor
        else:
            whole[name] = tensor
    return factors, whole


def build_adapter(config, module, factors):
    """Returns the adapter of one module, or None where a factor is missing or the ranks
    disagree."""
    if not ("A" in factors and "B" in factors):
        return None
    a, b = (factors[side].values() if factors[side].dtype in BITS else np.empty(0) for side in "AB")
    r, scale = find_scaling(config, module)
    if a.ndim != 2 or b.ndim != 2 or not a.shape[0] == b.shape[1] == r:
        return None
    embedding = factors["embedding"]
    return Adapter(a, b, scale, embedding or bool(config.get("fan_in_fan_out")), embedding)


def find_reason(base, found):
    """Says why an adapter cannot be laid on a tensor of the base, or None; `found` is None for an
    adapter that is broken."""
    if found is None:
        return "bad_adapter"
    if base is None:
        return "only_in_tuned"
    if base.problem:
        return "bad_scale"
    if base.dtype not in SUPPORTED:
        return "unsupported_dtype"
    return None if base.shape == found.delta().shape else "shape_differs"


def merge_adapter(base, adapter):
    """Returns W0 + float32(Delta), rounded to the base's dtype; F64 is added in float64."""
    weights = base.stored()
    with np.errstate(over="ignore", invalid="ignore"):
        delta = adapter.delta().astype(np.float32)
        if adapter.cast and base.dtype == "BF16":
            delta = bf16.to_float32(bf16.from_float(delta))
        elif adapter.cast:
            delta = delta.astype(weights.dtype)
        total = weights.astype(np.float64 if base.dtype == "F64" else np.float32) + delta
        if base.dtype == "BF16":
            bits = bf16.from_float(total)
        else:
            bits = total.astype(weights.dtype).view(BITS[base.dtype])
    return Tensor(base.name, base.dtype, base.shape, bits, adapter=adapter)


def share(part, whole):
    """Returns a share of the Frobenius norm's square; None where the whole is zero."""
    total = float((whole**2).sum())
    return float((part**2).sum()) / total if total > 0 else None


def principal(adapter, w0, k):
    """Says how much of A and of B lies in the principal subspace of its side, beside chance; None
    without a geometry."""
    if k is None:
        return dict.fromkeys(("a_principal", "b_principal", "a_chance", "b_chance"))
    (u, _, v), _ = decompose(w0)
    side_a, side_b = (u, v) if adapter.transposed else (v, u)
    return {
        "a_principal": share(adapter.a @ side_a[:, :k], adapter.a),
        "b_principal": share(side_b[:, :k].T @ adapter.b, adapter.b),
        "a_chance": k / side_a.shape[0],
        "b_chance": k / side_b.shape[0],
    }


def figures(base, tuned, changed, k):
    """Returns what the report says of the adapter on one weight, k being that of its geometry; None
    for what has no adapter."""
    if tuned.adapter is None:
        return None
    w0, delta = base.values(), tuned.adapter.delta()
    touched = delta != 0
    out = {
        "rank": tuned.adapter.rank,
        "scale": tuned.adapter.scale,
        "touched": int(touched.sum()),
        "survives": None,
        "realized": None,
        "merge_error": None,
        **principal(tuned.adapter, w0, k),
    }
    if touched.any():
        out["survives"] = float((changed & touched).sum() / touched.sum())
        finite = np.isfinite(w0) & np.isfinite(tuned.values())
        moved, delta = (tuned.values() - w0)[finite], delta[finite]
        size = float((delta**2).sum())
        out["realized"] = float((moved * delta).sum()) / size
        out["merge_error"] = float(np.linalg.norm(moved - delta)) / math.sqrt(size)
    return out
