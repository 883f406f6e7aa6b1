"""The native program, and its reports."""

import os
import subprocess

from definitions.files import load
from make_fixtures import HERE

ROOT = HERE.parent.parent
PROGRAM = ROOT / "target/release/gatescope"


def build(*what):
    """Brings the native program, or what cargo calls `what`, up to date: a stale one is the wrong
    thing to test. Where `GATESCOPE_BUILT` is set, whoever set it has done so.

    Returns what went wrong, or None.
    """
    if os.environ.get("GATESCOPE_BUILT") == "1":
        return None if PROGRAM.exists() else f"{PROGRAM} is not there"
    command = ["cargo", "build", "--release", "--locked", "-p", "gatescope", *what]
    try:
        built = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    except FileNotFoundError:
        return "cargo is not installed"
    return built.stderr[-3000:] if built.returncode or not PROGRAM.exists() else None


def analyze(program, folder, tuned, *options):
    """Returns the program's report of tuned checkpoints; a base is among the options."""
    out = folder / "report.json"
    command = [program, "--out", out, *options, *(x for path in tuned for x in ("--tuned", path))]
    done = subprocess.run([str(c) for c in command], text=True, capture_output=True, check=False)
    # 3: something of these checkpoints is left out because of an error, which is what they are for.
    assert done.returncode in (0, 3), f"the program failed:\n{done.stderr[-3000:]}"
    return load(out)
