"""Where the native program writes: what can't be written is found before anything is computed, and
no file is lost to a report."""

import os
import shutil
import subprocess

import pytest

from definitions.files import load
from make_fixtures import HERE

TINY = HERE / "fixtures" / "tiny"


@pytest.fixture
def inputs(tmp_path):
    """A pair of folders that a test may harm."""
    for side in ("base", "tuned"):
        shutil.copytree(TINY / side, tmp_path / side)
    return tmp_path


def run(program, folder, *options):
    """Runs the program on the pair in `folder`, which is the system's temporary one as well."""
    command = [program, "--base", "base", "--tuned", "tuned", "--k", "2", *options]
    return subprocess.run(
        [str(c) for c in command],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder)},
        text=True,
        capture_output=True,
        check=False,
    )


REFUSED = [
    (["--out", "none/r.json"], "there is no folder none"),
    (["--out", "base"], "is a folder"),
    (["--out", "r.json", "--csv", "none/t.csv"], "there is no folder none"),
    (["--out", "r.json", "--csv", "r.json"], "is named twice"),
    (["--out", "base/model.safetensors"], "one of the checkpoints' own files"),
    (["--out", "r.json", "--csv", "link"], "one of the checkpoints' own files"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_computed(
    program, inputs, options, message
):
    weights = inputs / "base" / "model.safetensors"
    if not weights.exists():
        shutil.copy(next((inputs / "base").glob("*.safetensors")), weights)
    (inputs / "link").symlink_to(weights)
    before = weights.read_bytes()
    done = run(program, inputs, *options)
    assert (done.returncode, message in done.stderr) == (1, True), done.stderr
    assert done.stderr.count("\n") == 1, "nothing was computed"
    assert weights.read_bytes() == before
    assert not list(inputs.rglob("*.part")) and not (inputs / "r.json").exists()


def test_reports_replace_reports_and_leave_no_part(program, inputs):
    out = inputs / "tuned" / "r.json"
    for _ in range(2):
        done = run(program, inputs, "--out", out, "--csv", "t.csv")
        assert done.returncode == 0, done.stderr
        assert load(out)["format"] == "gatescope-report"
    assert "matrices: about" in done.stderr
    assert (inputs / "t.csv").read_text().startswith("run,name,")
    assert not list(inputs.rglob("*.part"))


def test_a_packed_report_holds_the_same(program, inputs):
    reports = []
    for out in ("r.json", "r.json.gz"):
        done = run(program, inputs, "--out", out)
        assert done.returncode == 0, done.stderr
        reports.append(load(inputs / out))
    plain, packed = ([run["model"] for run in report["runs"]] for report in reports)
    assert packed == plain
    assert (inputs / "r.json.gz").stat().st_size < (inputs / "r.json").stat().st_size / 2


def test_a_report_that_does_not_fit_is_kept_elsewhere(program, inputs):
    done = run(program, inputs, "--out", "/dev/full")
    assert done.returncode == 1
    assert "the report was written to" in done.stderr
    kept = done.stderr.split("the report was written to ")[1].split(" instead")[0]
    assert load(kept)["format"] == "gatescope-report"
