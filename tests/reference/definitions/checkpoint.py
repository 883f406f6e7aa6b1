"""A reader of safetensors in plain numpy.

Format: https://github.com/huggingface/safetensors#format — eight bytes of header length, little
endian, the header as JSON, then the data; offsets count from the end of the header.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .fp8 import FIELDS, TABLES, attach_scales
from .names import is_stack

BITS = {"BF16": "<u2", "F16": "<u2", "F32": "<u4", "F64": "<u8"}
# The dtypes that can be compared; F8_E8M0 is read besides, as a scale.
SUPPORTED = {**BITS, **dict.fromkeys(FIELDS, "u1")}


class CheckpointError(ValueError):
    """Says in one sentence why a checkpoint cannot be read."""


@dataclass
class Tensor:
    """Holds one tensor as stored: its bits, and on demand its values."""

    name: str
    dtype: str
    shape: tuple
    bits: np.ndarray | None
    # FP8: the numbers of its scale tensor, that of each weight, and why it has none that can be
    # used.
    scales: np.ndarray | None = None
    spread: np.ndarray | None = None
    problem: str | None = None
    # The tensor as stored, where this is its copy in the dtype that two sides are compared in.
    origin: "Tensor | None" = None
    # The LoRA adapter (adapter.Adapter) that moved it, where it is a base tensor merged with one.
    adapter: object | None = None

    def stored(self):
        """Returns the values in a numpy type that holds the stored dtype exactly; FP8 as float32,
        after its scale."""
        if self.dtype in FIELDS:
            with np.errstate(over="ignore", invalid="ignore"):
                return TABLES[self.dtype][self.bits] * (
                    np.float32(1) if self.spread is None else self.spread
                )
        if self.dtype == "BF16":
            return (self.bits.astype(np.uint32) << 16).view(np.float32)
        return self.bits.view({"F16": np.float16, "F32": np.float32, "F64": np.float64}[self.dtype])

    def values(self):
        """Returns the values in float64, exact for every supported dtype."""
        return self.stored().astype(np.float64)

    def slices(self):
        """Returns itself, or the matrices `name[e]` of stacked experts."""
        if not is_stack(self.name, self.shape):
            return [self]
        at = lambda e, array: None if array is None else array[e]
        by_slice = self.scales is not None and self.scales.shape not in ((), (1,))
        return [
            Tensor(
                f"{self.name}[{e}]",
                self.dtype,
                self.shape[1:],
                at(e, self.bits),
                at(e, self.scales) if by_slice else self.scales,
                at(e, self.spread),
            )
            for e in range(self.shape[0])
        ]

    def as_dtype(self, dtype):
        """Returns itself, or its values in a dtype that holds them exactly."""
        if dtype == self.dtype:
            return self
        values = self.stored().astype({"F32": np.float32, "F64": np.float64}[dtype])
        return Tensor(self.name, dtype, self.shape, values.view(BITS[dtype]), origin=self)

    def original(self):
        """Returns the tensor as stored."""
        return self.origin or self


def read_config(path):
    """Returns config.json beside the shards; empty where there is none or it is not a JSON
    object."""
    file = Path(path) / "config.json"
    try:
        found = json.loads(file.read_bytes()) if file.is_file() else {}
    except ValueError:  # also what bytes that are not UTF-8 raise
        found = {}
    return found if isinstance(found, dict) else {}


def list_files(path):
    """Returns the shards of a checkpoint: one file, those that the index names, or every
    safetensors file of the folder."""
    path = Path(path)
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise CheckpointError(f"{path} does not exist")
    index = path / "model.safetensors.index.json"
    if index.exists():
        found = [
            path / name
            for name in sorted(set(json.loads(index.read_text())["weight_map"].values()))
        ]
    else:
        found = sorted(path.glob("*.safetensors"))
    if not found:
        raise CheckpointError(f"{path} holds no safetensors file")
    for file in found:
        if not file.is_file():
            raise CheckpointError(f"{index} names {file.name}, which is missing")
    return found


def parse_header(path, raw):
    """Returns the header of a file's bytes, and where its data begin."""
    start = 8 + int.from_bytes(raw[:8], "little")
    try:
        entries = json.loads(raw[8:start]) if 8 < start <= len(raw) else None
    except ValueError:  # also what bytes that are not UTF-8 raise
        entries = None
    if not isinstance(entries, dict):
        raise CheckpointError(f"{path} is not a safetensors file")
    entries.pop("__metadata__", None)
    return entries, start


def read_file(path):
    """Yields all tensors of one file, in the order of their data."""
    raw = Path(path).read_bytes()
    entries, start = parse_header(path, raw)
    for name, entry in sorted(entries.items(), key=lambda item: item[1]["data_offsets"][0]):
        first, last = (start + offset for offset in entry["data_offsets"])
        if last > len(raw):
            raise CheckpointError(f"{path} ends before the data of {name}")
        bits = None
        kind = "u1" if entry["dtype"] == "F8_E8M0" else SUPPORTED.get(entry["dtype"])
        if kind:
            bits = np.frombuffer(raw[first:last], kind).reshape(entry["shape"])
        yield Tensor(name, entry["dtype"], tuple(entry["shape"]), bits)


def read(path):
    """Returns name → tensor of a whole checkpoint, FP8 weights with their scales."""
    return attach_scales(
        {tensor.name: tensor for file in list_files(path) for tensor in read_file(file)},
        read_config(path),
    )
