"""Where the samples lie, and their names. The base comes first."""

from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent
RESULTS = SAMPLES / "results.json"
BASE, RUNS = "base", ["base", "rlvr-1", "rlvr-2", "sft"]
