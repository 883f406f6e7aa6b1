"""Files that safetensors opens are read, and what it refuses is refused: odd headers one by one.

What is wanted otherwise stands in `WANTED`, with the reason; docs/decisions/037-bounded-opening.md
says why the package is the measure.
"""

import subprocess

import pytest
from safetensors import SafetensorError, safe_open

from make_headers import list_files
from product import ROOT, build

PROGRAM = ROOT / "target/release/examples/accepted"

# Words of what the program says, and why it differs from the package there.
WANTED = {
    "its dtype": "a dtype that safetensors does not know is listed, and the others are read",
    "dimensions, and at most": "a shape is kept several times, and real ones have five dimensions",
}


def open_file(path):
    """Says whether the package opens a file."""
    try:
        with safe_open(path, framework="numpy") as file:
            file.keys()
    except (SafetensorError, OSError):
        return False
    return True


@pytest.fixture(scope="session")
def accepted():
    """Returns the path of the example that says which files are read."""
    if problem := build("--example", "accepted"):
        pytest.fail(f"the example cannot be built:\n{problem}")
    return PROGRAM


def test_files_are_read_as_by_safetensors(accepted, tmp_path):
    files = list_files()
    assert len({name for name, _ in files}) == len(files) >= 150
    paths = [tmp_path / f"{place}.safetensors" for place in range(len(files))]
    for path, (_, data) in zip(paths, files, strict=True):
        path.write_bytes(data)
    told = subprocess.run(
        [str(accepted)],
        input="\n".join(map(str, paths)),
        text=True,
        capture_output=True,
        check=True,
    )
    lines = [line.split("\t") for line in told.stdout.splitlines()]
    assert len(lines) == len(files)
    differences, seen = [], set()
    for path, (name, _), (word, why) in zip(paths, files, lines, strict=True):
        theirs = open_file(path)
        if (word != "refused") == theirs:
            continue
        if wanted := [words for words in WANTED if words in why]:
            seen.update(wanted)
        else:
            differences.append(f"{name}: {word} ({why}), by safetensors {theirs}")
    assert not differences, "\n".join(differences)
    assert seen == set(WANTED), "a difference that is wanted is not seen"
