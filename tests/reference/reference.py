"""Computes the reference figures of one base and its tuned checkpoints, in float64 by full
decompositions.

A checkpoint is one .safetensors file, or a folder of them with or without
model.safetensors.index.json; a tuned one may be the folder of a LoRA adapter as PEFT saves it.
"""

import argparse
import sys
from pathlib import Path

from definitions.checkpoint import CheckpointError
from definitions.files import save
from definitions.listed import report_listed
from definitions.report import report


def fraction(text):
    """Reads the mask fractions of --alpha."""
    alphas = [float(part) for part in text.split(",")]
    if not all(0 < a < 1 for a in alphas):
        raise ValueError
    return alphas


def rank(text):
    """Reads the k of --k."""
    if int(text) < 1:
        raise ValueError
    return int(text)


def side(text):
    """Reads the number of cells of --map-side."""
    if not 0 <= int(text) <= 256:
        raise ValueError
    return int(text)


def output(text):
    """Checks that a file can be written: found out before hours of work and not after."""
    if not Path(text).absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"the folder of {text} does not exist")
    return text


def parse_arguments(argv):
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Settings must be those of the report that compare.py holds against the result.",
    )
    parser.add_argument(
        "--base",
        metavar="DIR",
        help="the base: a folder of safetensors, or one file; left out, every tuned "
        "one is the folder of a sparse delta that lists weights (TRL, prime-rl)",
    )
    parser.add_argument(
        "--tuned",
        required=True,
        action="append",
        metavar="DIR",
        help="a tuned checkpoint or adapter; repeat for more, in the report's order",
    )
    parser.add_argument(
        "--out",
        required=True,
        type=output,
        metavar="FILE",
        help="where the JSON goes; compressed where the name ends in .gz",
    )
    parser.add_argument(
        "--k", type=rank, default=64, help="rank of the principal subspaces [%(default)s]"
    )
    parser.add_argument(
        "--alpha",
        type=fraction,
        default=[0.1],
        metavar="A[,A...]",
        help="mask fractions between 0 and 1, separated by commas [0.1]",
    )
    parser.add_argument(
        "--eta", type=float, default=1e-3, help="relative tolerance of the bf16 gate [%(default)s]"
    )
    parser.add_argument(
        "--abs-tolerance",
        type=float,
        default=1e-5,
        help="absolute tolerance of sparsity_abs [%(default)s]",
    )
    parser.add_argument(
        "--map-side",
        type=side,
        default=64,
        metavar="N",
        help="cells a side of the maps at most, up to 256; 0 for no maps [%(default)s]",
    )
    parser.add_argument(
        "--fisher",
        metavar="FILE",
        help="a diagonal Fisher with the base's tensor names and shapes, or "
        "Adam's exp_avg_sq: a safetensors file or folder, any float dtype",
    )
    return parser.parse_args(argv)


def main(argv=None):
    a = parse_arguments(argv)
    try:
        if a.base is None and a.fisher:
            raise CheckpointError("a Fisher weighs the sizes of changes: give the base, too")
        found = (
            report_listed(a.tuned, a.map_side)
            if a.base is None
            else report(a.base, a.tuned, a.k, a.alpha, a.eta, a.abs_tolerance, a.fisher, a.map_side)
        )
        save(found, a.out)
    except (CheckpointError, OSError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
