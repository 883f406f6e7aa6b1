"""A reader of safetensors in plain numpy.

Format: https://github.com/huggingface/safetensors#format — eight bytes of header length, little endian, the header
as JSON, then the data; offsets count from the end of the header.
"""
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

BITS = {"BF16": "<u2", "F16": "<u2", "F32": "<u4", "F64": "<u8"}


@dataclass
class Tensor:
    """One tensor as stored: its bits, and on demand its values."""

    name: str
    dtype: str
    shape: tuple
    bits: np.ndarray | None

    def stored(self):
        """The values in a numpy type that holds the stored dtype exactly."""
        if self.dtype == "BF16":
            return (self.bits.astype(np.uint32) << 16).view(np.float32)
        return self.bits.view({"F16": np.float16, "F32": np.float32, "F64": np.float64}[self.dtype])

    def values(self):
        """The values in float64, exact for every supported dtype."""
        return self.stored().astype(np.float64)

    def slices(self):
        """Itself, or the matrices `name[e]` of a 3-D tensor."""
        if len(self.shape) != 3:
            return [self]
        return [Tensor(f"{self.name}[{e}]", self.dtype, self.shape[1:], None if self.bits is None else self.bits[e])
                for e in range(self.shape[0])]


def files(path):
    """The shards of a checkpoint: one file, those that the index names, or every safetensors file of the folder."""
    path = Path(path)
    if path.is_file():
        return [path]
    index = path / "model.safetensors.index.json"
    if index.exists():
        return [path / name for name in sorted(set(json.loads(index.read_text())["weight_map"].values()))]
    return sorted(path.glob("*.safetensors"))


def read_file(path):
    """All tensors of one file, in the order of their data."""
    raw = Path(path).read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:8 + length])
    header.pop("__metadata__", None)
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"][0]):
        first, last = entry["data_offsets"]
        bits = None
        if entry["dtype"] in BITS:
            data = raw[8 + length + first:8 + length + last]
            bits = np.frombuffer(data, BITS[entry["dtype"]]).reshape(entry["shape"])
        yield Tensor(name, entry["dtype"], tuple(entry["shape"]), bits)


def read(path):
    """Name → tensor of a whole checkpoint."""
    return {tensor.name: tensor for file in files(path) for tensor in read_file(file)}
