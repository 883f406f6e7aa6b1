"""Makes the whole family from nothing: base, two GRPO runs at once, SFT, evaluation, figures,
README.

Needs about half an hour on two cores; see the seconds of each part in results.json.
"""

import subprocess
import sys
from pathlib import Path

from paths import BASE, SAMPLES

MAKE = Path(__file__).resolve().parent


def start(script, *arguments):
    print(script, *arguments, flush=True)
    return subprocess.Popen([sys.executable, MAKE / script, *map(str, arguments)])


def finish(*processes):
    for process in processes:
        if process.wait():
            sys.exit(f"failed: {process.args}")


def main():
    base = SAMPLES / BASE
    finish(start("pretrain.py", "--out", base))
    finish(
        *(
            start("grpo.py", "--base", base, "--out", SAMPLES / f"rlvr-{seed}", "--seed", seed)
            for seed in (1, 2)
        )
    )
    finish(start("sft.py", "--base", base, "--out", SAMPLES / "sft"))
    for script in ("evaluate.py", "figures.py", "readme.py"):
        finish(start(script))


if __name__ == "__main__":
    main()
