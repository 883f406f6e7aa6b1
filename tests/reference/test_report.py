"""The product's own reports against the reference.

GATESCOPE_REPORTS may name a folder of ready reports `<case>-exact.json` and `<case>-lanczos.json`
(from a browser, say), with k, alpha and cells of make_fixtures.py; without it the native program is
built and run.
"""

import functools
import json
import math
import os
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from compare import compare
from definitions.checkpoint import read
from definitions.files import load
from definitions.overlap import overlaps
from definitions.pairing import pair
from definitions.report import report
from make_fixtures import ALPHAS, CASES, HERE, K, list_options, list_tuned_folders
from product import ROOT, analyze
from tolerances.chance import DRAWS

PATHS = {"exact": [], "lanczos": ["--exact-limit", "0"]}
SAMPLES = ROOT / "samples"


@pytest.fixture
def produce(request, tmp_path):
    """Returns a function (case, path, base, tuned, k, alphas) -> report."""

    def from_folder(case, path, *_):
        file = Path(os.environ["GATESCOPE_REPORTS"]) / f"{case}-{path}.json"
        if not file.exists():
            pytest.fail(f"GATESCOPE_REPORTS holds no {file.name}")
        return load(file)

    def from_program(case, path, base, tuned, k, alphas):
        alpha = ",".join(map(str, alphas))
        where = ("--base", base, "--k", k, "--alpha", alpha)
        program = request.getfixturevalue("program")
        return analyze(program, tmp_path, tuned, *where, *PATHS[path], *list_options(case))

    return from_folder if os.environ.get("GATESCOPE_REPORTS") else from_program


@functools.cache
def make_sample_reference(name, k):
    """Returns the reference of a sample, which both paths share."""
    return report(SAMPLES / "base", [SAMPLES / name], k)


def check(found, reference):
    """Fails with every tolerance that is exceeded."""
    ledger = compare(found, reference)
    print(ledger.format_table())
    shown = "\n".join(ledger.failures[:40])
    assert not ledger.failures, f"{len(ledger.failures)} tolerances exceeded:\n{shown}"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("case", CASES)
def test_fixtures(case, path, produce):
    folder = HERE / "fixtures" / case
    check(
        produce(case, path, folder / "base", list_tuned_folders(case), K, ALPHAS),
        load(folder / "reference.json.gz"),
    )


def test_draws_of_all_fixtures_are_of_one_distribution(produce):
    """Single tolerances are as wide as eight draws are; over all shapes and ranks a bias shows that
    none of them would see."""
    off, ratios, shapes = {}, {}, set()
    for case in CASES:
        folder = HERE / "fixtures" / case
        found = produce(case, "exact", folder / "base", list_tuned_folders(case), K, ALPHAS)
        for got, want in zip(found["runs"], load(folder / "reference.json.gz")["runs"]):
            mine = {t["name"]: t["geometry"] for t in got["tensors"]}
            for t in (t for t in want["tensors"] if t["geometry"]):
                error = math.sqrt(1 / DRAWS + 1 / t["geometry"]["chance"]["draws"])
                for p, q in zip(mine[t["name"]]["sweep"], t["geometry"]["sweep"]):
                    g, w = p["chance"], q["chance"]
                    if (
                        q["gap"] < 1e-6
                        or not w["rotation_max_deviation"]
                        or not w["rotation_median_deviation"]
                    ):
                        continue
                    # Matrices of one shape share their draws.
                    at = (*t["shape"], q["k"])
                    for name in ("rotation_max", "rotation_median"):
                        off.setdefault(
                            (name, at), (g[name] - w[name]) / w[f"{name}_deviation"] / error
                        )
                    ratios.setdefault(
                        at, (g["rotation_max_deviation"] / w["rotation_max_deviation"]) ** 2
                    )
                    shapes.add(at[:2])
    # Ranks of one matrix share the reference's draws, so each shape counts once.
    assert len(shapes) >= 40
    for name in ("rotation_max", "rotation_median"):
        assert abs(
            np.mean([z for (figure, _), z in off.items() if figure == name])
        ) <= 5 / math.sqrt(len(shapes))
    # F with 7 degrees of freedom has a variance of 2/7, which a kurtosis of 6 makes 6/7.
    assert abs(np.mean(list(ratios.values())) - 1) <= 5 * math.sqrt(6 / 7 / len(shapes))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "k", [64, 8]
)  # at 64 these small matrices are decomposed exactly on either path
@pytest.mark.parametrize("name", ["sft", "rlvr-1"])
def test_samples(name, k, path, produce):
    base, tuned = SAMPLES / "base", SAMPLES / name
    check(produce(f"{name}-k{k}", path, base, [tuned], k, (0.1,)), make_sample_reference(name, k))


def test_overlaps_of_the_samples(produce):
    base, tuned = SAMPLES / "base", [SAMPLES / name for name in ("rlvr-1", "rlvr-2", "sft")]
    read_base = read(base)
    want = overlaps(read_base, [pair(read_base, read(folder))[0] for folder in tuned], 1e-3)
    found = produce("samples", "exact", base, tuned, 8, (0.1,))
    reference = {"settings": found["settings"], "runs": [], "overlaps": want}
    check({**found, "runs": []}, reference)


def test_a_checkpoint_against_itself_reads_zero(produce):
    base = HERE / "fixtures/hidden/base"
    check(produce("self", "lanczos", base, [base], K, ALPHAS), report(base, [base], K, ALPHAS))


@pytest.mark.parametrize("case", CASES)
def test_reports_follow_the_schema(case, produce):
    file = ROOT / "docs/report.schema.json"
    assert file.exists(), "docs/report.schema.json is missing"
    folder = HERE / "fixtures" / case
    found = produce(case, "exact", folder / "base", list_tuned_folders(case), K, ALPHAS)
    jsonschema.validate(found, json.loads(file.read_text()))


def collect_floats(value):
    """Yields every float in a report, at any depth."""
    if isinstance(value, dict | list):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from collect_floats(entry)
    elif isinstance(value, float):
        yield value


@pytest.mark.parametrize("path", PATHS)
def test_figures_have_nine_digits_and_stages_their_times(path, produce):
    folder = HERE / "fixtures/qwen2"
    found = produce("qwen2", path, folder / "base", list_tuned_folders("qwen2"), K, ALPHAS)
    figures = list(collect_floats(found))
    assert len(figures) > 1000 and all(float(f"{figure:.8e}") == figure for figure in figures)
    stages = found["timings"]["stages"]
    assert {"diff", "spectra", "masks"} <= set(stages) and all(
        seconds >= 0 for seconds in stages.values()
    )
    # Stages cover all of the time that tensors took.
    tensors = sum(tensor["seconds"] for run in found["runs"] for tensor in run["tensors"])
    assert sum(stages.values()) >= 0.99 * tensors > 0
    assert found["partial"] is None
