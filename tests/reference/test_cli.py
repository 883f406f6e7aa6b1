"""reference.py and compare.py as users run them: from any folder, on sharded and single-file
checkpoints."""

import json
import re
import runpy
import subprocess
import sys

import pytest

import compare
from definitions.files import load, save
from make_fixtures import HERE, list_tuned_folders
from perfect import make_perfect_report

FIXTURES = HERE / "fixtures"
TINY = FIXTURES / "tiny"


def run_script(name, *args, folder):
    """Runs a script, which must find its modules wherever it is started."""
    return subprocess.run(
        [sys.executable, HERE / name, *map(str, args)],
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
    )


def test_two_runs_of_a_folder_and_of_a_single_file(tmp_path):
    done = run_script(
        "reference.py",
        "--base",
        TINY / "base",
        "--tuned",
        TINY / "tuned",
        "--tuned",
        TINY / "base/model.safetensors",
        "--out",
        "ref.json",
        "--k",
        8,
        "--alpha",
        "0.1,0.3",
        "--map-side",
        24,
        folder=tmp_path,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    made, kept = load(tmp_path / "ref.json"), load(TINY / "reference.json.gz")
    assert (
        made["settings"]
        == kept["settings"]
        == {"k": 8, "alphas": [0.1, 0.3], "eta": 1e-3, "abs_tolerance": 1e-5, "map_side": 24}
    )
    assert made["runs"][0]["model"]["unchanged"] == kept["runs"][0]["model"]["unchanged"]
    assert [r["model"]["relative_update"] == 0 for r in made["runs"]] == [False, True]


def test_a_fisher_file_and_three_runs(tmp_path):
    case = FIXTURES / "three_runs"
    tuned = (x for folder in list_tuned_folders("three_runs") for x in ("--tuned", folder))
    done = run_script(
        "reference.py",
        "--base",
        case / "base",
        *tuned,
        "--fisher",
        case / "fisher.safetensors",
        "--out",
        "ref.json",
        "--k",
        8,
        "--alpha",
        "0.1,0.3",
        "--map-side",
        24,
        folder=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    save(make_perfect_report(load(tmp_path / "ref.json")), tmp_path / "report.json")
    done = run_script("compare.py", "report.json", case / "reference.json.gz", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert {"overlaps.jaccard", "fisher.kl_quadratic"} <= {
        line.split()[0] for line in done.stdout.splitlines()
    }


def test_a_sharded_checkpoint_and_the_table(tmp_path):
    sides = ["--base", FIXTURES / "qwen2/base", "--tuned", FIXTURES / "qwen2/tuned"]
    assert (
        run_script(
            "reference.py", *sides, "--out", "ref.json.gz", "--k", 4, folder=tmp_path
        ).returncode
        == 0
    )
    report = make_perfect_report(load(tmp_path / "ref.json.gz"))
    save(report, tmp_path / "report.json")
    good = run_script("compare.py", "report.json", "ref.json.gz", folder=tmp_path)
    lines = good.stdout.splitlines()
    assert good.returncode == 0 and lines[-1].endswith(" metrics compared, 0 tolerances exceeded")
    assert lines[0].split() == ["metric", "of", "its", "tolerance", "deviation", "where"]
    assert {"geometry.nss", "geometry.spectrum_base", "precision.unchanged"} <= {
        line.split()[0] for line in lines
    }

    tensor = report["runs"][0]["tensors"][-1]
    tensor["geometry"]["nss"] *= 1.01
    save(report, tmp_path / "report.json")
    bad = run_script("compare.py", "report.json", "ref.json.gz", folder=tmp_path)
    assert (
        bad.returncode == 1
        and f"FAIL run 0 {tensor['name']}: geometry.nss deviates by" in bad.stdout
    )
    cells = (re.split("  +", line) for line in bad.stdout.splitlines())
    found = {row[0]: row[1] for row in cells if len(row) == 4}
    assert float(found["geometry.nss"]) == pytest.approx(10, rel=1e-3)


def test_other_settings_are_not_compared_silently(tmp_path):
    reference = load(TINY / "reference.json.gz")
    report = make_perfect_report(reference)
    report["settings"]["alphas"] = [0.5]
    save(report, tmp_path / "report.json")
    done = run_script(
        "compare.py", tmp_path / "report.json", TINY / "reference.json.gz", folder=tmp_path
    )
    assert (
        done.returncode == 1
        and "FAIL report: settings.alphas: [0.5] instead of [0.1, 0.3]" in done.stdout
    )


@pytest.mark.parametrize(
    "change, message",
    [
        ({"--base": "nowhere"}, "nowhere does not exist"),
        ({"--tuned": "empty"}, "empty holds no safetensors file"),
        ({"--base": "garbage.safetensors"}, "garbage.safetensors is not a safetensors file"),
        ({"--base": "short.safetensors"}, "short.safetensors ends before the data of w"),
        ({"--tuned": "shards"}, "names model-00002-of-00002.safetensors, which is missing"),
        (
            {"--tuned": "adapter"},
            "adapter holds adapter_config.json but no adapter_model.safetensors",
        ),
        ({"--k": "0"}, "argument --k: invalid rank value: '0'"),
        ({"--alpha": "0.1,1"}, "argument --alpha: invalid fraction value"),
        ({"--map-side": "257"}, "argument --map-side: invalid side value: '257'"),
        (
            {"--out": "missing/ref.json"},
            "argument --out: the folder of missing/ref.json does not exist",
        ),
    ],
)
def test_errors_are_one_sentence(tmp_path, monkeypatch, capsys, change, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "garbage.safetensors").write_bytes(b"PK\3\4 not a checkpoint")
    head = b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    (tmp_path / "short.safetensors").write_bytes(len(head).to_bytes(8, "little") + head + bytes(4))
    (tmp_path / "shards").mkdir()
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter/adapter_config.json").write_text('{"peft_type": "LORA"}')
    index = {"weight_map": {"w": "model-00002-of-00002.safetensors"}}
    (tmp_path / "shards/model.safetensors.index.json").write_text(json.dumps(index))
    options = {"--base": TINY / "base", "--tuned": TINY / "tuned", "--out": "ref.json", **change}
    # Not by import: the package of the same name would come first.
    main = runpy.run_path(str(HERE / "reference.py"))["main"]
    with pytest.raises(SystemExit) as end:
        main([str(x) for pair in options.items() for x in pair])
    # argparse prints by itself and exits with 2; a text as code is printed by the interpreter,
    # which exits with 1.
    lines = end.value.code if end.value.code != 2 else capsys.readouterr().err
    assert message in lines.splitlines()[-1] and not (tmp_path / "ref.json").exists()


@pytest.mark.parametrize(
    "content, message",
    [
        (None, "No such file"),
        (b"{", "cannot be read"),
        (b"\x80\xff", "cannot be read"),
        (b"[]", "neither a report nor a reference"),
    ],
)
def test_compare_names_a_file_that_it_cannot_use(tmp_path, capsys, content, message):
    if content is not None:
        (tmp_path / "report.json").write_bytes(content)
    with pytest.raises(SystemExit) as end:
        compare.main([str(tmp_path / "report.json"), str(TINY / "reference.json.gz")])
    assert end.value.code == 2 and message in capsys.readouterr().err
