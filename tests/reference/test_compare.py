"""The comparison where its verdict is not one row's: fields that are missing, what counts as
right."""

import math

import numpy as np
import pytest

from compare import Ledger, Walk, compare, name_metric
from definitions import chance, chance_rotation
from definitions.files import load
from definitions.maps import maps
from fixtures.adapters import A
from make_fixtures import HERE
from perfect import make_perfect_report
from tolerances import TABLE
from tolerances import chance as chance_rows
from tolerances.rounding import round_tensor
from tolerances.rows import Place

MATRIX = "model.layers.0.self_attn.q_proj.weight"


@pytest.fixture(scope="module")
def reference():
    return load(HERE / "fixtures/qwen2/reference.json.gz")


def find_tensor(report, name=MATRIX):
    return next(t for t in report["runs"][0]["tensors"] if t["name"] == name)


def find_failures(report, reference, name=MATRIX):
    """Returns the failures of one tensor."""
    return [line for line in compare(report, reference).failures if f"{name}: " in line]


def test_metrics_are_paths_without_what_is_around_them():
    assert name_metric("runs[].tensors[].geometry.sweep[].gap") == "geometry.sweep.gap"
    assert name_metric("runs[].layers[].spectral.*.mean") == "rollup.spectral.*.mean"
    assert name_metric("overlaps[].dot[][]") == "overlaps.dot"


@pytest.mark.parametrize(
    "path",
    [
        ("geometry", "nss_top_k_uncertainty"),
        ("geometry", "vector_rotation_uncertainty"),
        ("geometry", "sin_theta"),
        ("geometry", "chance", "angles_left"),
        ("update", "chance"),
        ("maps",),
        ("heads",),
        ("fisher",),
        ("adapter",),
        ("function_preserving",),
        ("dtype_base",),
        ("quantized",),
    ],
    ids=".".join,
)
def test_a_field_that_is_missing_is_named(reference, path):
    report = make_perfect_report(reference)
    parent = find_tensor(report)
    for key in path[:-1]:
        parent = parent[key]
    del parent[path[-1]]
    assert f"run 0 {MATRIX}: {'.'.join(path)}: missing" in compare(report, reference).failures


@pytest.mark.parametrize("name", ["settings", "runs", "overlaps"])
def test_a_missing_part_of_the_report_is_named(name):
    reference = load(HERE / "fixtures/tiny/reference.json.gz")
    report = make_perfect_report(reference)
    del report[name]
    assert f"report: {name}: missing" in compare(report, reference).failures


def test_a_field_without_a_row_goes_red(reference):
    report = make_perfect_report(reference)
    find_tensor(report)["geometry"]["bounds"]["new"] = 1.0
    failure = f"run 0 {MATRIX}: geometry.bounds.new: has no row in the table of tolerances"
    assert compare(report, reference).failures == [failure]


def test_masks_of_every_rank_are_missing_in_each_tensor(reference):
    report = make_perfect_report(reference)
    masked = [t for t in report["runs"][0]["tensors"] if t["masks"]]
    for masks in (m for t in masked for m in t["masks"]):
        del masks["sweep"]
    found = compare(report, reference).failures
    assert all(f"run 0 {t['name']}: masks.sweep: missing" in found for t in masked)


def test_an_undefined_subspace_has_no_mask(reference):
    report = make_perfect_report(reference)
    tensor = find_tensor(report)
    tensor["geometry"]["sweep"][1]["resolved"] = False
    mask = tensor["masks"][0]["sweep"][1]["principal"]
    mask["size"] += 999
    mask["chance"] = mask["size"] / tensor["parameters"]
    mask["enrichment"] = mask["overlap"] / mask["chance"]
    assert not any("masks.sweep" in line for line in find_failures(report, reference))


def test_a_missing_tensor_a_reason_and_groups_go_red():
    reference = load(HERE / "fixtures/mismatched/reference.json.gz")
    report = make_perfect_report(reference)
    run = report["runs"][0]
    for part in ("tensors", "left_out", "layers", "modules"):
        run[part].pop()
    found = " ".join(compare(report, reference).failures)
    for text in ("tensors names", "left_out", "layers keys", "modules keys"):
        assert text in found


def test_a_missing_entry_of_overlaps_goes_red():
    reference = load(HERE / "fixtures/three_runs/reference.json.gz")
    for lost in (0, -1):
        report = make_perfect_report(reference)
        del report["overlaps"][lost]
        assert any("overlaps names" in line for line in compare(report, reference).failures)


def test_a_wrong_rollup_shows_beside_the_reference_and_its_own_tensors(reference):
    for by, count in ((1.002, 2), (1 + 2e-8, 1)):
        report = make_perfect_report(reference)
        report["runs"][0]["model"]["spectral"]["nss"]["mean"] *= by
        found = compare(report, reference).failures
        assert len(found) == count and "rollup of own tensors" in found[-1]


def test_without_the_spectrum_the_rank_is_not_known(reference):
    deficient = "model.layers.0.self_attn.o_proj.weight"
    want = find_tensor(reference, deficient)
    full = want["update"]["relative_update"] / math.sqrt(97)
    assert want["geometry"]["k"] == 5 and want["geometry"]["chance"]["nss"] > 5 * full
    for exact in (True, False):
        report = make_perfect_report(reference, exact)
        find_tensor(report, deficient)["geometry"]["chance"]["nss"] = full
        found = find_failures(report, reference, deficient)
        assert any("geometry.chance.nss deviates" in line for line in found) == exact


def test_draws_of_another_seed_pass(reference, monkeypatch):
    # What the tolerances allow is what eight draws differ by, and no fixture's own draws.
    want = find_tensor(reference)
    rng = np.random.default_rng(10)
    s, shape = np.array(want["geometry"]["spectrum_base"]), want["shape"]
    w0 = np.zeros(shape)
    np.fill_diagonal(w0, s)
    tau = want["update"]["frobenius_update"] / math.sqrt(math.prod(shape))
    monkeypatch.setattr(chance_rotation, "MOST", 8)
    names = ("rotation_max", "rotation_max_deviation", "rotation_median")
    for seed in rng.integers(0, 2**31, 12):
        monkeypatch.setattr(chance_rotation, "SEED", seed)
        report = make_perfect_report(reference)
        g = find_tensor(report)["geometry"]
        points, each = chance_rotation.levels(w0, [1, 2, 4, 8], tau)
        for point, levels in zip(g["sweep"], points, strict=True):
            point["chance"].update({name: levels[name] for name in names})
        g["chance"].update({name: points[-1][name] for name in names})
        g["chance"].update({name: each[name] for name in ("angles_left", "angles_right")})
        assert find_failures(report, reference) == []


def test_a_gap_that_rounding_may_close():
    # Null is right beside a gap of 1e-8 in float32, and wrong where all values are known.
    s = (4.0, 3, 2, 2 - 2e-8, 1)
    error = chance_rows.relative_error
    assert error(s, 3, False) == math.inf and error(s, 3, True) < 1e-3 > error(s, 2, False)
    low, true, high = chance_rows.vector_ends(s, 3, 5, False)
    assert true[2] == chance.vector_energy(np.array(s), 3, 5)[2]
    assert high[2] == math.inf and low[2] < true[2] and high[0] < 1.001 * low[0]


def passes(allowed, got):
    """Says whether a number is within what is allowed."""
    return -allowed.below <= got - allowed.true <= allowed.above


def test_a_mean_beyond_first_order_is_held_to_half_of_itself():
    allowed = chance_rows.mean(89.9, 0.01, 64, 0, 0)
    assert passes(allowed, 46) and not passes(allowed, 44)


def test_what_cannot_turn_reads_zero():
    reference = load(HERE / "fixtures/tiny/reference.json.gz")
    name = "model.layers.0.mlp.up_proj.weight"
    # Nine rows, and eight directions of which one side has a single one left.
    assert find_tensor(reference, name)["geometry"]["chance"]["angles_left"][1:] == [0] * 7
    report = make_perfect_report(reference)
    find_tensor(report, name)["geometry"]["chance"]["angles_left"][1] = 1e-12
    found = find_failures(report, reference, name)
    assert any("chance.angles_left deviates by 1e-12, allowed 0" in line for line in found)


def test_a_deviation_may_be_as_large_as_one_entry_makes_it():
    # The largest entry is 1, of which five times over the root of seven is 1.9.
    allowed = chance_rows.deviation(0.1, 1.0, 128, 1.0)
    verdicts = [passes(allowed, got) for got in (1.95, 2.05, 0.02, 0.008)]
    assert verdicts == [True, False, True, False]
    assert chance_rows.largest_entry([3.0, 2, 1], 1) == pytest.approx(math.sqrt(13) / 5)
    assert chance_rows.largest_entry([3.0, 2], 2) == 0.5


@pytest.mark.parametrize(
    "alpha, is_right",
    [(0.1, True), (0.1055, True), (0.0945, True), (0.12, False), (0.08, False)],
)
def test_a_principal_map_is_held_to_what_its_sample_says(alpha, is_right):
    w = np.random.default_rng(6).standard_normal((400, 200))
    changed = np.zeros(w.shape, dtype=bool)
    want, got = maps(w, w, changed, w, 0.1, 8), maps(w, w, changed, w, alpha, 8)
    for gap, expected in ((0.01, is_right), (0.001, True)):
        geometry = {"resolved": True, "exact": False, "gap": gap}
        of_tensor = {"geometry": geometry, "maps": got}
        path = "runs[].tensors[]"
        place = Place(path, 0, of_tensor, {"name": "w", "maps": want}, {"maps": want})
        ledger = Ledger()
        Walk(ledger, TABLE).visit(place.child("maps").child("principal"))
        assert (ledger.failures == []) == expected


def test_a_w1_in_single_precision_is_allowed_and_no_more():
    reference, name = load(HERE / "fixtures/lora/reference.json.gz"), f"{A}mlp.up_proj.weight"
    want = find_tensor(reference, name)
    truth, rounded = want["geometry"], want["rounded"]["geometry"]
    report = make_perfect_report(reference)
    t = find_tensor(report, name)
    for figure in ("nss_top_k", "off_principal_share", "off_principal_right", "rotation_max"):
        t["geometry"][figure] = rounded[figure]
        t["geometry"]["sweep"][-1][figure] = rounded[figure]
    t["geometry"]["angles_left"] = list(rounded["angles_left"])
    for bound in ("wedin_as_stated", "wedin_strict"):
        sine = math.sin(math.radians(rounded["rotation_max"]))
        t["geometry"]["bounds"][bound]["observed"] = sine
    t["update"]["max_abs_update"] = want["rounded"]["max_abs_update"]
    # 1e-5 of the norm is 300 times what float32 leaves.
    left = rounded["off_principal_right"] - truth["off_principal_right"]
    assert 1e-5 < abs(left) < 1e-3 and find_failures(report, reference, name) == []
    t["geometry"]["off_principal_right"] += left
    found = find_failures(report, reference, name)
    assert any("geometry.off_principal_right deviates" in line for line in found)


def test_where_nothing_is_rounded_no_more_is_allowed():
    t = find_tensor(load(HERE / "fixtures/lora/reference.json.gz"), "lm_head.weight")
    assert t["rounded"] is None and round_tensor(t) is t
