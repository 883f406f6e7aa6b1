"""Writes the reference figures of one base and its tuned checkpoints as JSON (gzip where the name ends in .gz).

    python reference.py --base DIR --tuned DIR [--tuned DIR2] --out ref.json [--k 64 --alpha 0.1,0.3 --eta 1e-3]
"""
import argparse

from reference.files import save
from reference.report import run


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True)
    parser.add_argument("--tuned", required=True, action="append")
    parser.add_argument("--out", required=True)
    parser.add_argument("--k", type=int, default=64)
    parser.add_argument("--alpha", default="0.1")
    parser.add_argument("--eta", type=float, default=1e-3)
    a = parser.parse_args()
    alphas = [float(x) for x in a.alpha.split(",")]
    save({"runs": [run(a.base, t, a.k, alphas, a.eta) for t in a.tuned]}, a.out)


if __name__ == "__main__":
    main()
