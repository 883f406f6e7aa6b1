"""Reads a sharded bf16 safetensors checkpoint with NumPy alone.

A reader of its own keeps figures.py apart from the libraries that wrote the files.
"""

import json

import numpy as np


def read(folder):
    """All tensors by name, as float32. Every bf16 value is a float32 with its lower half zero."""
    index = json.loads((folder / "model.safetensors.index.json").read_text())
    tensors = {}
    for shard in sorted(set(index["weight_map"].values())):
        data = (folder / shard).read_bytes()
        start = 8 + int.from_bytes(data[:8], "little")
        for name, entry in json.loads(data[8:start]).items():
            if name == "__metadata__":
                continue
            assert entry["dtype"] == "BF16", (shard, name, entry["dtype"])
            first, last = entry["data_offsets"]
            codes = np.frombuffer(data[start + first : start + last], "<u2")
            tensors[name] = (codes.astype("<u4") << 16).view("<f4").reshape(entry["shape"])
    return tensors
