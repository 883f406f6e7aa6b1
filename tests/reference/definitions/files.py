"""Reads and writes JSON on disk, plain or gzip by the name's ending."""

import gzip
import json
from pathlib import Path


def save(report, path):
    """Writes floats with the 17 digits that read back to the same number; the gzip header has no
    time stamp."""
    text = json.dumps(report, allow_nan=False, separators=(",", ":")).encode()
    Path(path).write_bytes(gzip.compress(text, mtime=0) if str(path).endswith(".gz") else text)


def load(path):
    """Reads a report or a reference."""
    raw = Path(path).read_bytes()
    return json.loads(gzip.decompress(raw) if str(path).endswith(".gz") else raw)
