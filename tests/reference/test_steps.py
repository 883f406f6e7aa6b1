"""The product's changes from step to step, on three runs of one base taken as saves of one run."""

import pytest

from compare import compare
from definitions.checkpoint import read
from definitions.overlap import add_steps
from definitions.pairing import pair
from definitions.report import report
from make_fixtures import HERE, list_tuned_folders
from product import analyze


def make_reference_of_steps(k):
    """Returns the reference of `three_runs` with its steps."""
    base, saves = HERE / "fixtures/three_runs/base", list_tuned_folders("three_runs")
    found, read_base = report(base, saves, k), read(base)
    pairs = [pair(read_base, read(save))[0] for save in saves]
    return {**found, "overlaps": add_steps(found["overlaps"], pairs)}


@pytest.mark.parametrize("option", ["--comparison", "--span"])
def test_steps_of_one_run(program, tmp_path, option):
    """Earlier versions called the option `--span`."""
    base, saves = HERE / "fixtures/three_runs/base", list_tuned_folders("three_runs")
    found = analyze(
        program, tmp_path, saves, "--base", base, option, "steps", "--k", 4, "--alpha", 0.1
    )
    assert {run["comparison"] for run in found["runs"]} == {"steps"}
    reference = make_reference_of_steps(4)
    whole = [e for e in reference["overlaps"] if len(e["runs"]) == len(saves)]
    assert len(whole) > 4 and compare(found, reference).failures == []
