"""Reads sparse deltas as their own files hold them: lists of places, whole in memory.

TRL: `X.indices` and `X.values` for each tensor X (https://huggingface.co/blog/delta-weight-sync);
prime-rl: a manifest names the keys of both and the shape
(https://github.com/PrimeIntellect-ai/prime-rl/pull/3386 and 2823).
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .checkpoint import BITS, CheckpointError, parse_header

MANIFESTS = ("sparse_manifest.json", "sparse_update_manifest.json")
WHOLE_NUMBERS = {"I32": "<i4", "I64": "<i8"}


@dataclass
class Listed:
    """Holds what one delta lists of one tensor."""

    name: str
    # None where the layout does not tell it.
    shape: tuple | None = None
    dtype: str = ""
    # One list of places in the flattened tensor for each file.
    lists: list = field(default_factory=list)
    # Why it can't be used, as the report's word.
    problem: str | None = None

    def add(self, entries, raw, start, indices, values):
        """Adds the lists of one file, by the keys of its header."""
        places, new = entries[indices], entries[values]
        kind = WHOLE_NUMBERS.get(places["dtype"])
        if (
            kind is None
            or new["dtype"] not in BITS
            or len(places["shape"]) != 1
            or places["shape"] != new["shape"]
        ):
            self.problem = "bad_delta"
            return
        # The values of one tensor are of one dtype in every fixture and in every layout's writer.
        self.dtype = new["dtype"]
        first, last = (start + offset for offset in places["data_offsets"])
        self.lists.append(np.frombuffer(raw[first:last], kind).astype(np.int64))


def open_file(path):
    """Returns (header, bytes, start of the data) of one file."""
    raw = Path(path).read_bytes()
    entries, start = parse_header(path, raw)
    return entries, raw, start


def list_manifest(folder, manifest):
    """Yields (tensor, shape, file, key of the indices, key of the values) by a manifest of
    prime-rl."""
    if manifest["format"] == "prime-rl-sparse-hf-v1":
        for rank in manifest["ranks"]:
            for t in rank["tensors"]:
                yield (
                    t["name"],
                    tuple(t["global_shape"]),
                    folder / rank["file"],
                    t["indices_key"],
                    t["values_key"],
                )
    elif manifest["format"] == "prime-rl-sparse-update":
        for t in manifest["tensors"]:
            yield (
                t["name"],
                tuple(t["shape"]),
                folder / manifest["patch_file"],
                t["indices"],
                t["values"],
            )
    else:
        raise CheckpointError(
            f"{folder} holds a manifest of the unknown format {manifest['format']}"
        )


def list_by_name(folder):
    """Yields the same by the header of TRL's files, without shapes."""
    for file in sorted(folder.glob("*.safetensors")):
        for key in open_file(file)[0]:
            if key.endswith(".indices"):
                name = key.removesuffix(".indices")
                yield name, None, file, key, f"{name}.values"


def read_delta(path):
    """Returns name → Listed of the delta in a folder."""
    folder, files, out = Path(path), {}, {}
    found = [folder / name for name in MANIFESTS if (folder / name).is_file()]
    parts = list(
        list_manifest(folder, json.loads(found[0].read_text())) if found else list_by_name(folder)
    )
    if not parts:
        raise CheckpointError(
            f"{folder} holds no sparse delta that lists weights: without one a base is needed"
        )
    for name, shape, file, indices, values in parts:
        if file not in files:
            files[file] = open_file(file)
        tensor = out.setdefault(name, Listed(name, shape))
        tensor.add(*files[file], indices, values)
    return out


def collect_shapes(deltas):
    """Returns name → all shapes that any of the deltas tells."""
    out = defaultdict(set)
    for delta in deltas:
        for tensor in delta.values():
            out[tensor.name] |= {tensor.shape} - {None}
    return out
