"""The native program under faults: signals, closed pipes, files that change, and what is kept."""

import gzip
import os
import resource
import signal
import subprocess

import numpy as np
import pytest

from definitions.files import load
from fixtures.checkpoint import write_file, write_sharded

COUNT = 12
SIDE = 160


def write(path, tensors):
    """Writes a safetensors file of F32 tensors."""
    write_file(path, {name: (values, "F32") for name, values in tensors.items()})


@pytest.fixture
def pair(tmp_path):
    """A pair of checkpoints that takes some seconds on one thread."""
    random = np.random.default_rng(0)
    base = {
        f"model.layers.{i}.mlp.up_proj.weight": random.standard_normal((SIDE, SIDE))
        for i in range(COUNT)
    }
    tuned = {name: w + 0.01 * random.standard_normal(w.shape) for name, w in base.items()}
    write(tmp_path / "base/model.safetensors", base)
    write(tmp_path / "tuned/model.safetensors", tuned)
    return tmp_path


def start(program, folder, *options, threads=1, **pipes):
    command = [program, "--base", "base", "--tuned", "tuned", "--out", "r.json", *options]
    env = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
    options = {"stderr": subprocess.PIPE, **pipes}
    return subprocess.Popen(
        [str(c) for c in [*command, "--backend", "cpu", "--k", "16"]],
        cwd=folder,
        env=env,
        text=True,
        **options,
    )


def wait_for(process, count):
    """Reads stderr until so many tensors are done."""
    for line in process.stderr:
        if line.startswith(f"{count}/"):
            return
    raise AssertionError("the program ended before")


def plain(report):
    """A report without its times."""
    report = dict(report)
    for field in ("created", "timings"):
        del report[field]
    report["runs"] = [
        {**run, "tensors": [{**t, "seconds": 0} for t in run["tensors"]]} for run in report["runs"]
    ]
    return report


def test_what_is_finished_outlives_a_kill_and_a_broken_line(program, pair):
    whole = start(program, pair)
    _, told = whole.communicate()
    assert whole.returncode == 0, told
    assert "checked: " in told and "counts are equal" in told
    assert not (pair / "r.json.kept.jsonl").exists()
    wanted = load(pair / "r.json")
    assert wanted["check"]["tensors"] == 3 and wanted["check"]["largest_deviation"] < 1e-5
    (pair / "r.json").unlink()

    killed = start(program, pair)
    wait_for(killed, 3)
    killed.kill()
    killed.wait()
    kept = pair / "r.json.kept.jsonl"
    lines = kept.read_text().splitlines()
    assert len(lines) >= 4 and not (pair / "r.json").exists()
    with kept.open("a") as file:
        file.write(lines[1][:500])

    again = start(program, pair)
    _, told = again.communicate()
    assert again.returncode == 0, told
    finished = int(told.split(" of 12 tensors were kept")[0].split()[-1])
    assert finished >= 3 and "\n1/12" not in told
    assert plain(load(pair / "r.json")) == plain(wanted)
    assert not kept.exists()


def test_other_settings_and_other_weights_are_not_taken_for_the_same(program, pair):
    for change in ("settings", "weights"):
        killed = start(program, pair)
        wait_for(killed, 2)
        killed.kill()
        killed.wait()
        options = ["--eta", "0.01"] if change == "settings" else []
        if change == "weights":
            path = pair / "tuned/model.safetensors"
            raw = bytearray(path.read_bytes())
            raw[-3] ^= 1
            path.write_bytes(raw)
        other = start(program, pair, *options)
        _, told = other.communicate()
        assert other.returncode == 0 and "were kept" not in told, told


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_leaves_a_partial_report_and_the_rest_can_follow(program, pair, name):
    process = start(program, pair)
    wait_for(process, 2)
    process.send_signal(getattr(signal, name))
    _, told = process.communicate()
    assert process.returncode == 130, told
    report = load(pair / "r.json")
    partial = report["partial"]
    assert partial["reason"] == "cancelled" and 2 <= partial["finished"] < partial["total"] == COUNT
    assert len(report["runs"][0]["tensors"]) == partial["finished"]
    assert f"{partial['finished']} of {COUNT} tensors are in the report" in told
    again = start(program, pair)
    _, told = again.communicate()
    assert again.returncode == 0 and f"{partial['finished']} of {COUNT} tensors were kept" in told
    assert load(pair / "r.json")["partial"] is None


def test_a_stderr_that_is_gone_or_full_ends_nothing(program, pair):
    with open("/dev/full", "w", encoding="utf-8") as full:
        assert start(program, pair, stderr=full).wait() == 0
    (pair / "r.json").unlink()
    closed = start(program, pair)
    closed.stderr.readline()
    closed.stderr.close()
    assert closed.wait() == 0
    assert load(pair / "r.json")["partial"] is None


@pytest.mark.parametrize("change", ["overwritten", "cut"])
def test_a_file_that_changes_during_the_run_fails_by_name(program, pair, change):
    process = start(program, pair)
    wait_for(process, 2)
    path = pair / "tuned/model.safetensors"
    if change == "cut":
        os.truncate(path, path.stat().st_size // 2)
    else:
        with path.open("r+b") as file:
            file.seek(-4 * SIDE, os.SEEK_END)
            file.write(bytes(4 * SIDE))
    _, told = process.communicate()
    assert process.returncode == 3, told
    report = load(pair / "r.json")
    failed = [t for t in report["runs"][0]["tensors"] if t["status"] == "failed"]
    assert failed and all("was changed during the run" in t["error"] for t in failed)
    assert f"{len(failed)} left out because of errors" in told


def test_hundreds_of_shards_need_few_open_files(program, tmp_path):
    count, most_open, threads = 163, 64, 16
    for side, step in (("base", 0.0), ("tuned", 0.5)):
        tensors = {f"model.layers.{i}.w": (np.full((2, 2), i + step), "F32") for i in range(count)}
        write_sharded(tmp_path / side, tensors, count)

    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (most_open, most_open))

    process = start(program, tmp_path, threads=threads, preexec_fn=limit)
    _, told = process.communicate()
    assert process.returncode == 0 and "could not begin" not in told, told
    tensors = load(tmp_path / "r.json")["runs"][0]["tensors"]
    assert len(tensors) == count and all(tensor["status"] == "done" for tensor in tensors)


def test_names_do_nothing_to_a_terminal(program, pair):
    name = "model.layers.0.\x1b[2J\x1b]0;pwned\x07\n12/12 forged\u202e.weight"
    for side, step in (("base", 0.0), ("tuned", 0.1)):
        write(pair / side / "model.safetensors", {name: np.eye(4) + step, "w": np.eye(4)})
    process = start(program, pair)
    _, told = process.communicate()
    assert process.returncode == 0
    assert not set(told) & {"\x1b", "\x07", "\u202e"} and "\n12/12" not in told
    assert "\\u{1b}[2J" in told
    names = [tensor["name"] for tensor in load(pair / "r.json")["runs"][0]["tensors"]]
    assert name in names


def test_verify_tells_the_files_of_a_report_from_others(program, pair):
    process = start(program, pair)
    process.communicate()

    def verify(*paths, report="r.json"):
        command = [program, "verify", report, *paths]
        done = subprocess.run(
            [str(c) for c in command], cwd=pair, text=True, capture_output=True, check=False
        )
        return done.returncode, done.stdout

    assert verify("tuned", "base") == (
        0,
        "base/model.safetensors: the same\ntuned/model.safetensors: the same\n",
    )
    text = (pair / "r.json").read_bytes()
    (pair / "r.json.gz").write_bytes(gzip.compress(text))
    page = (
        b'<!doctype html><title>x</title>\n<script type="application/json" id="report">'
        + text.replace(b"<", b"\\u003c")
        + b"</script><script>1</script>"
    )
    (pair / "r.html").write_bytes(page)
    (pair / "other.html").write_bytes(b"<!doctype html><p>nothing</p>")
    for form in ("r.json.gz", "r.html"):
        assert verify("tuned", "base", report=form)[0] == 0
    assert verify("tuned", "base", report="other.html")[0] == 1
    status, told = verify("base")
    assert status == 0 and "tuned: not checked, since it was not given" in told
    path = pair / "tuned/model.safetensors"
    raw = bytearray(path.read_bytes())
    raw[-3] ^= 1
    path.write_bytes(raw)
    status, told = verify("base", "tuned")
    assert status == 1 and "tuned/model.safetensors: other weights: sampled bytes differ" in told
    path.write_bytes(raw[:-4])
    assert "tuned/model.safetensors: another size" in verify("base", "tuned")[1]
    (pair / "other").mkdir()
    (pair / "other/x.safetensors").write_bytes(raw)
    assert verify("other") == (
        1,
        (
            "base: not checked, since it was not given\n"
            "tuned: not checked, since it was not given\n"
            "other: no checkpoint of the report\n"
        ),
    )
