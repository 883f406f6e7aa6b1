"""Writes safetensors files with nothing but numpy."""

import json
from pathlib import Path

import numpy as np

from fixtures_fp8 import codes
from reference import bf16
from reference.fp8 import FIELDS

TYPES = {
    "F16": np.float16,
    "F32": np.float32,
    "F64": np.float64,
    "I8": np.int8,
    "I32": np.int32,
    "I64": np.int64,
}


def encode(values, dtype):
    """The bytes of float64 values in a stored dtype."""
    values = np.asarray(values, dtype=np.float64)
    if dtype == "BF16":
        return bf16.from_float(values).astype("<u2").tobytes()
    if dtype in FIELDS:
        return codes(values, dtype).tobytes()
    if dtype == "F8_E8M0":
        return (np.frexp(values)[1] + 126).astype(np.uint8).tobytes()
    return values.astype(TYPES[dtype]).tobytes()


def write_file(path, tensors, metadata=None):
    """`tensors`: name -> (values, dtype)."""
    header, data = {"__metadata__": metadata} if metadata else {}, b""
    for name, (values, dtype) in tensors.items():
        raw = encode(values, dtype)
        header[name] = {
            "dtype": dtype,
            "shape": list(np.shape(values)),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def write_sharded(folder, tensors, shards=2):
    """Shards with Hugging Face's index."""
    names, where = list(tensors), {}
    step = -(-len(names) // shards)
    for i in range(shards):
        file = f"model-{i + 1:05d}-of-{shards:05d}.safetensors"
        part = names[i * step : (i + 1) * step]
        write_file(Path(folder) / file, {n: tensors[n] for n in part})
        where.update({n: file for n in part})
    size = sum(len(encode(*t)) for t in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": where}
    (Path(folder) / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")


def write_adapter(folder, config, tensors):
    """As PEFT's save_pretrained does."""
    write_file(Path(folder) / "adapter_model.safetensors", tensors)
    (Path(folder) / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True))
