"""Makes the fixture checkpoints, and with --reference also their reference figures at k = 8 and 24
cells a side.

python make_fixtures.py [--out fixtures] [--reference]
"""

import argparse
import json
from pathlib import Path

from definitions.files import save
from definitions.listed import report_listed
from definitions.report import report
from fixtures.adapters import Adapter
from fixtures.cases import CASES, CONFIGS, FISHER, SHARDED
from fixtures.checkpoint import write_adapter, write_file, write_sharded
from fixtures.listed import LISTED

HERE = Path(__file__).parent
K, ALPHAS, MAP_SIDE = 8, (0.1, 0.3), 24


def make(out):
    """Writes all checkpoints under `out`: `base` and `tuned`, or `base`, `tuned-1`, `tuned-2`,
    ..."""
    for name, case in CASES.items():
        base, *tuned = case()
        sides = {
            "tuned" if len(tuned) == 1 else f"tuned-{i + 1}": tensors
            for i, tensors in enumerate(tuned)
        }
        for side, tensors in {"base": base, **sides}.items():
            folder = Path(out) / name / side
            config = CONFIGS.get(name, {}).get(side)
            if isinstance(tensors, Adapter):
                write_adapter(folder, tensors.config, tensors.tensors)
            elif name in SHARDED:
                write_sharded(folder, tensors)
            else:
                write_file(folder / "model.safetensors", tensors)
            if config:
                (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
        if name in FISHER:
            write_file(Path(out) / name / "fisher.safetensors", FISHER[name](base))


def make_listed(out):
    """Writes the sparse deltas without a base, one folder for each run."""
    for name, case in LISTED.items():
        for i, write in enumerate(case()):
            write(Path(out) / name / f"tuned-{i + 1}")


def list_tuned_folders(case, out=HERE / "fixtures"):
    """Returns the folders of the tuned runs of a case."""
    return sorted((Path(out) / case).glob("tuned*"))


def find_fisher_file(case, out=HERE / "fixtures"):
    """Returns the path of the diagonal Fisher of a case, or None."""
    return Path(out) / case / "fisher.safetensors" if case in FISHER else None


def list_options(case):
    """Returns the options that the program needs beside k and alpha."""
    fisher = find_fisher_file(case)
    return [
        *(["--fisher", fisher] if fisher else []),
        *(["--map-side", MAP_SIDE] if case in CASES else []),
    ]


def write_references(out):
    """Writes the reference figures of each case."""
    for name in CASES:
        folder = Path(out) / name
        found = report(
            folder / "base",
            list_tuned_folders(name, out),
            K,
            ALPHAS,
            fisher_path=find_fisher_file(name, out),
            map_side=MAP_SIDE,
        )
        save(found, folder / "reference.json.gz")
    for name in LISTED:
        save(
            report_listed(list_tuned_folders(name, out), MAP_SIDE),
            Path(out) / name / "reference.json.gz",
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=HERE / "fixtures", type=Path)
    parser.add_argument("--reference", action="store_true")
    a = parser.parse_args()
    make(a.out)
    make_listed(a.out)
    if a.reference:
        write_references(a.out)


if __name__ == "__main__":
    main()
