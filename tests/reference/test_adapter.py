"""LoRA adapters: names, scales, merges and figures by hand."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from definitions import bf16
from definitions.adapter import (
    Adapter,
    build_adapter,
    figures,
    find_scaling,
    is_adapter,
    match_pattern,
    merge_adapter,
    principal,
    read_adapter,
    split_factors,
)
from definitions.checkpoint import CheckpointError, Tensor, read
from definitions.files import load
from definitions.geometry import geometry
from definitions.maps import maps
from definitions.pairing import pair_adapter, read_pairs
from definitions.report import report
from definitions.update import update
from fixtures.adapters import A, B
from make_fixtures import HERE, list_tuned_folders

Q, V, O, UP, DOWN = (
    f"{A}{part}_proj.weight"
    for part in ("self_attn.q", "self_attn.v", "self_attn.o", "mlp.up", "mlp.down")
)
CONFIG = {"r": 2, "lora_alpha": 3}


def make_single(name, values):
    array = np.array(values, dtype=np.float32)
    return Tensor(name, "F32", array.shape, array.view(np.uint32))


def make_half(values):
    codes = bf16.from_float(np.array(values, dtype=np.float64))
    return Tensor("t", "BF16", codes.shape, codes)


def test_names_of_factors():
    names = [
        "a.q_proj.lora_A.weight",
        "a.q_proj.lora_B.weight",
        "e.lora_embedding_A",
        "e.lora_embedding_B",
        "lm_head.weight",
    ]
    factors, whole = split_factors({name: make_single(name, [[1]]) for name in names})
    assert list(factors) == ["a.q_proj", "e"] and [
        sides["embedding"] for sides in factors.values()
    ] == [False, True]
    assert all(sides["A"].name != sides["B"].name for sides in factors.values()) and list(
        whole
    ) == ["lm_head.weight"]


@pytest.mark.parametrize(
    "key, matches",
    [
        ("q_proj", True),
        ("self_attn.q_proj", True),
        ("model.layers.1.self_attn.q_proj", True),
        (r"layers\.\d+\.self_attn.(q|k)_proj", True),
        ("_proj", False),
        ("proj", False),
        ("self_attn", False),
        ("layers.11.self_attn.q_proj", False),
        ("q_proj.weight", False),
    ],
)
def test_a_pattern_is_of_the_end_in_whole_parts(key, matches):
    assert match_pattern({key: 7}, "model.layers.1.self_attn.q_proj", 2) == (7 if matches else 2)


def test_the_first_pattern_that_matches_counts():
    assert match_pattern({"self_attn.q_proj": 6, "q_proj": 5}, "h.self_attn.q_proj", 2) == 6
    assert match_pattern(None, "h.q_proj", 2) == match_pattern({}, "h.q_proj", 2) == 2


def test_scales():
    config = {"r": 4, "lora_alpha": 6, "rank_pattern": {"b": 9}, "alpha_pattern": {"b": 3, "c": 8}}
    assert [find_scaling(config, name) for name in ("m.a", "m.b", "m.c")] == [
        (4, 1.5),
        (9, 1 / 3),
        (4, 2),
    ]
    stable = {**config, "use_rslora": True}
    assert [find_scaling(stable, name) for name in ("m.a", "m.b", "m.c")] == [
        (4, 3),
        (9, 1),
        (4, 4),
    ]
    assert find_scaling({}, "m.a") == (8, 1)


PRODUCT = [[3.0, 6, 1.5], [0, 0, -1.5]]  # 1.5 * B A
FACTORS = {"A": [[1, 2, 0], [0, 0, 1]], "B": [[2, 1], [0, -1]]}


@pytest.mark.parametrize(
    "embedding, config, transposed",
    [
        (False, CONFIG, False),
        (True, CONFIG, True),
        (False, {**CONFIG, "fan_in_fan_out": True}, True),
    ],
)
def test_products_by_hand(embedding, config, transposed):
    factors = {side: make_single(side, values) for side, values in FACTORS.items()} | {
        "embedding": embedding
    }
    found = build_adapter(config, "m", factors)
    assert (found.rank, found.scale, found.transposed) == (2, 1.5, transposed)
    assert (
        found.delta().tolist()
        == (np.array(PRODUCT).T if transposed else np.array(PRODUCT)).tolist()
    )


def test_a_merge_rounds_once():
    # 1 + 2^-8 is half way between two bf16, and what is beyond it decides; 2^-9 is lost, 2^-30 was
    # lost in float32 already.
    moved = [[2.0**-8 + 2.0**-20, 2.0**-9, 2.0**-8, 2.0**-8 + 2.0**-30]]
    found = merge_adapter(
        make_half([[1, 1, 1, 1]]), Adapter(np.array(moved), np.eye(1), 1.0, False)
    )
    assert found.dtype == "BF16" and found.values().tolist() == [[1 + 2.0**-7, 1, 1, 1]]
    found = merge_adapter(
        make_single("t", [[1, 1]]), Adapter(np.array([[2.0**-23, 2.0**-25]]), np.eye(1), 1.0, False)
    )
    assert found.values().tolist() == [[1 + 2.0**-23, 1]]


def test_figures_by_hand():
    # In units of 2^-8 on weights of 1, whose step is 2: Delta is 4, 3, 1, 0 and merged 4, 4, 0, 0,
    # as ties go to even codes.
    base = make_half([[1, 1, 1, 1]])
    tuned = merge_adapter(base, Adapter(np.array([[4, 3, 1, 0]]) / 256, np.eye(1), 1.0, False))
    found = figures(base, tuned, base.bits != tuned.bits, None)
    assert (found["rank"], found["scale"], found["touched"], found["survives"]) == (1, 1, 3, 2 / 3)
    assert found["realized"] == 28 / 26 and found["merge_error"] == pytest.approx(
        math.sqrt(2 / 26), rel=1e-15
    )
    assert [found[name] for name in ("a_principal", "b_principal", "a_chance", "b_chance")] == [
        None
    ] * 4
    assert figures(base, base, base.bits != base.bits, 1) is None


def test_an_adapter_that_does_nothing():
    base = make_single("t", [[2, 0], [0, 1]])
    tuned = merge_adapter(base, Adapter(np.array([[1.0, 1]]), np.zeros((2, 1)), 1.0, False))
    found = figures(base, tuned, base.bits != tuned.bits, 1)
    assert found["touched"] == 0 and {
        found[name] for name in ("survives", "realized", "merge_error", "b_principal")
    } == {None}
    assert (
        found["a_principal"] == pytest.approx(0.5) and found["a_chance"] == found["b_chance"] == 0.5
    )


def test_a_base_that_is_not_a_number_takes_no_part_in_norms():
    base = make_half([[math.nan, 1]])
    tuned = merge_adapter(base, Adapter(np.array([[1.0, 0.25]]), np.eye(1), 1.0, False))
    found = figures(base, tuned, np.array([[True, True]]), None)
    assert (found["touched"], found["survives"], found["realized"], found["merge_error"]) == (
        2,
        1,
        1,
        0,
    )


@pytest.mark.parametrize("transposed", [False, True])
def test_shares_in_principal_subspaces(transposed):
    # W0 = 4 e_2 e_1^T + 1 e_1 e_3^T in 2 x 3, k = 1: rows lie along e_1, columns along e_2.
    w0 = np.array([[0.0, 0, 1], [4, 0, 0]])
    a, b = np.array([[3.0, 4, 0]]), np.array([[1.0], [0]])
    found = principal(Adapter(a, b, 1.0, transposed), w0.T if transposed else w0, 1)
    assert found == {
        "a_principal": pytest.approx(9 / 25),
        "b_principal": pytest.approx(0, abs=1e-30),
        "a_chance": 1 / 3,
        "b_chance": 0.5,
    }


def test_the_update_has_as_many_values_as_the_rank():
    w0 = np.arange(12.0).reshape(3, 4)
    found = Adapter(np.array([[1.0, 0, 0, 0]]), np.array([[3.0], [4], [0]]), 2.0, False)
    u = update(w0, w0 + found.delta(), 2, found)
    assert (
        u["spectrum"] == pytest.approx([10])
        and u["stable_rank"] == pytest.approx(1)
        and u["rank_share"] == 1 / 3
    )
    wide = Adapter(np.ones((5, 4)), np.ones((3, 5)), 1.0, False)
    assert len(update(w0, w0 + wide.delta(), 2, wide)["spectrum"]) == 3


@pytest.mark.parametrize(
    "factors, reason",
    [
        ({"A": [[1, 2, 0], [0, 0, 1]]}, "bad_adapter"),
        ({"B": [[2, 1], [0, -1]]}, "bad_adapter"),
        ({"A": [[1, 2, 0]], "B": [[2], [0]]}, "bad_adapter"),
        ({"A": [[1, 2, 0]], "B": [[2, 1], [0, 1]]}, "bad_adapter"),
        ({"A": [1, 2], "B": [[2, 1], [0, 1]]}, "bad_adapter"),
        ({"A": [[1, 2], [0, 0]], "B": [[2, 1], [0, 1]]}, "shape_differs"),
        (FACTORS, None),
    ],
)
def test_why_a_weight_is_left_out(factors, reason):
    base = {
        "x.weight": make_single("x.weight", np.ones((2, 3))),
        "x.bias": make_single("x.bias", np.ones(2)),
    }
    pairs, left_out = pair_adapter(
        base,
        CONFIG,
        {f"x.lora_{side}.weight": make_single("t", values) for side, values in factors.items()},
    )
    assert {x["name"]: x["reason"] for x in left_out} == {
        "x.bias": "not_adapted",
        **({"x.weight": reason} if reason else {}),
    }
    assert len(pairs) == (reason is None)


def test_what_the_base_lacks_and_what_was_trained_whole():
    base = {
        "x.weight": make_single("x.weight", np.ones((2, 3))),
        "n.weight": make_single("n.weight", [1, 2]),
    }
    factors = {
        f"y.lora_{side}.weight": make_single("t", values) for side, values in FACTORS.items()
    }
    pairs, left_out = pair_adapter(
        base,
        CONFIG,
        {**factors, "n.weight": make_single("n.weight", [1, 3]), "z": make_single("z", [1])},
    )
    assert {x["name"]: x["reason"] for x in left_out} == {
        "x.weight": "not_adapted",
        "y.weight": "only_in_tuned",
        "z": "only_in_tuned",
    }
    assert [(b.name, t.adapter, t.values().tolist()) for b, t in pairs] == [
        ("n.weight", None, [1, 3])
    ]


def test_a_base_in_fp8_is_merged_as_single_precision():
    codes = Tensor("x.weight", "F8_E4M3", (2, 3), np.full((2, 3), 0x38, dtype=np.uint8))
    factors = {
        f"x.lora_{side}.weight": make_single("t", values) for side, values in FACTORS.items()
    }
    ((base, tuned),) = pair_adapter({"x.weight": codes}, CONFIG, factors)[0]
    assert (base.dtype, tuned.dtype, base.original().dtype) == ("F32", "F32", "F8_E4M3")
    assert tuned.values().tolist() == (1 + np.array(PRODUCT)).tolist()
    for other, why in (
        ({"problem": "no scale fits"}, "bad_scale"),
        ({"dtype": "I32"}, "unsupported_dtype"),
    ):
        left_out = pair_adapter({"x.weight": replace(codes, **other)}, CONFIG, factors)[1]
        assert left_out == [{"name": "x.weight", "reason": why}]


def test_files_that_are_missing_or_broken(tmp_path):
    assert not is_adapter(tmp_path)
    (tmp_path / "adapter_config.json").write_text("{")
    assert is_adapter(tmp_path)
    with pytest.raises(CheckpointError, match="is not JSON"):
        read_adapter(tmp_path)
    for other in ([], {"peft_type": "IA3"}, {"peft_type": "LORA", "use_dora": True}):
        (tmp_path / "adapter_config.json").write_text(json.dumps(other))
        with pytest.raises(CheckpointError, match="is not of a plain LoRA"):
            read_adapter(tmp_path)
    (tmp_path / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", **CONFIG}))
    with pytest.raises(
        CheckpointError, match="holds adapter_config.json but no adapter_model.safetensors"
    ):
        read_adapter(tmp_path)


def list_adapted(case):
    """Returns (base, merged) of every weight that an adapter of a fixture moves."""
    base = read(HERE / "fixtures" / case / "base")
    return [
        (b, t)
        for folder in list_tuned_folders(case)
        for b, t in read_pairs(base, folder)[0]
        if t.adapter
    ]


@pytest.mark.parametrize("case", ["lora", "lora_gpt2"])
def test_no_figure_of_the_fixtures_hangs_on_the_last_bit(case):
    # Whatever the order of a sum of r products, it errs by no more than this.
    for base, tuned in list_adapted(case):
        lora = tuned.adapter
        error = lora.rank * 2.0**-52 * lora.scale * (np.abs(lora.b) @ np.abs(lora.a))
        delta, error = lora.delta(), error.T if lora.transposed else error
        assert ((np.abs(delta) > error) | (error == 0)).all()
        for moved in (delta - error, delta + error):
            other = merge_adapter(base, Adapter(moved, np.eye(len(moved)), 1.0, False, lora.cast))
            assert np.array_equal(other.bits, tuned.bits)


@pytest.fixture(scope="module")
def reference():
    return load(HERE / "fixtures/lora/reference.json.gz")


def index_tensors(report, run=0):
    return {t["name"]: t for t in report["runs"][run]["tensors"]}


def test_the_fixture_holds_what_it_is_for(reference):
    first, second = (
        {name: t["adapter"] for name, t in index_tensors(reference, run).items()} for run in (0, 1)
    )
    ranks = {
        name: (first[name]["rank"], first[name]["scale"])
        for name in (
            Q,
            V,
            A + "self_attn.k_proj.weight",
            A + "mlp.gate.weight",
            UP,
            B + "self_attn.o_proj.weight",
        )
    }
    assert list(ranks.values()) == [(5, 1.6), (4, 2), (4, 1.25), (8, 1), (3, 8 / 3), (4, 0.75)]
    assert {(a["rank"], a["scale"]) for a in second.values()} == {(9, 2)}
    assert (
        first[V]["touched"] == 0
        and first[V]["survives"] is None
        and first[B + "mlp.up_proj.weight"]["a_principal"] is None
    )
    assert (
        first[O]["a_principal"] > 0.8 > 4 * first[O]["a_chance"] and first[Q]["a_principal"] < 0.3
    )
    assert first["lm_head.weight"] is first["model.norm.weight"] is None
    # What bf16 takes, by size of the update, and what float32 keeps.
    assert (
        first[DOWN]["survives"] < 0.2
        and first[O]["survives"] > 0.8
        and first[DOWN]["realized"] < 0.5
    )
    assert second[UP]["merge_error"] < 1e-4
    assert len(index_tensors(reference)[A + "mlp.gate.weight"]["update"]["spectrum"]) == 5
    left_out = {x["name"]: x["reason"] for x in reference["runs"][0]["left_out"]}
    assert sorted(left_out.values()) == ["bad_adapter"] * 2 + ["not_adapted"] * 2 + [
        "only_in_tuned"
    ] * 2 + ["shape_differs"]
    gpt2 = index_tensors(load(HERE / "fixtures/lora_gpt2/reference.json.gz"))
    assert {t["adapter"]["rank"] for t in gpt2.values()} == {3} and gpt2["h.0.attn.c_attn.weight"][
        "transposed"
    ]
    assert gpt2["h.0.attn.c_attn.weight"]["adapter"]["b_chance"] == 8 / 216


def test_the_update_is_of_the_factors_and_the_mask_of_the_merge(reference):
    t = index_tensors(reference)[DOWN]
    assert t["update"]["relative_update"] == pytest.approx(3e-4, rel=1e-6)
    assert (
        t["masks"][0]["changed"]
        == t["parameters"] - t["precision"]["unchanged"]
        < 0.2 * t["parameters"]
    )
    entry = next(e for e in reference["overlaps"] if e["name"] == DOWN)
    assert entry["changed"][0] == t["masks"][0]["changed"]
    assert entry["dot"][0][0] != pytest.approx(t["update"]["frobenius_update"] ** 2, rel=0.1)


def test_an_adapter_beside_a_checkpoint():
    folder = HERE / "fixtures/lora"
    found = report(folder / "base", [folder / "tuned-1", folder / "base"], 8)
    base, tuned = next(p for p in list_adapted("lora") if p[0].name == O)
    w0, t = base.values(), index_tensors(found)[O]
    assert (
        t["geometry"]["nss"]
        == geometry(w0, w0 + tuned.adapter.delta(), 8)[0]["nss"]
        != geometry(w0, tuned.values(), 8)[0]["nss"]
    )
    assert t["rounded"]["geometry"]["nss"] == pytest.approx(t["geometry"]["nss"], rel=1e-4)
    assert (
        t["maps"]["update_max"]
        == maps(w0, tuned.values(), base.bits != tuned.bits, None, 0.1, 64)["update_max"]
    )
    assert [t["adapter"] is None for t in found["runs"][1]["tensors"]] == [True] * len(
        found["runs"][1]["tensors"]
    )
    assert [e["runs"] for e in found["overlaps"]] == [[0, 1]] * len(found["overlaps"])
