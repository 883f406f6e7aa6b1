"""The product's changes from step to step against the reference, on three runs of one base taken as steps of one."""

import json
import subprocess

from make_fixtures import HERE, tuned_folders
from definitions.bars_profile import profile
from definitions.bars_spectral import ROUNDING
from definitions.checkpoint import read
from definitions.ledger import Ledger
from definitions.pairing import pair
from definitions.overlap import steps
from test_report import program  # noqa: F401 (a fixture)


def test_steps_of_one_run(program, tmp_path):  # noqa: F811
    folder, out = HERE / "fixtures/three_runs", tmp_path / "report.json"
    saves = tuned_folders("three_runs")
    subprocess.run(
        [
            program,
            "--base",
            folder / "base",
            *(x for t in saves for x in ("--tuned", t)),
            "--out",
            out,
            "--span",
            "steps",
            "--k",
            "4",
        ],
        check=True,
        capture_output=True,
    )
    report = json.loads(out.read_text())
    assert {run["span"] for run in report["runs"]} == {"steps"}
    base = read(folder / "base")
    tensors = [{t.name: (b, t) for b, t in pair(base, read(save))[0]} for save in saves]
    ledger, whole = Ledger(), 0
    for entry in report["overlaps"]:
        ledger.where = str(entry["name"])
        if entry["name"] is None:
            assert [s["changed"] for s in entry["steps"]] == [
                sum(changed) for changed in zip(*in_all)
            ]
            continue
        sides = [tensors[run][entry["name"]] for run in entry["runs"]]
        want = steps(sides[0][0], [t for _, t in sides])
        if len(sides) == len(saves):
            in_all = (
                [*in_all, [s["changed"] for s in want]] if whole else [[s["changed"] for s in want]]
            )
            whole += 1
        for got, true in zip(entry["steps"], want, strict=True):
            ledger.equal("changed", got["changed"], true["changed"])
            ledger.near("density", got["density"], true["density"], ROUNDING)
            for axis in ("row_density", "column_density"):
                profile(ledger, axis, got[axis], true[axis])
    assert whole > 3 and ledger.failures == []
