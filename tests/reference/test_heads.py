"""Attention heads: layouts, blocks worked out by hand."""

import math

import numpy as np
import pytest

from definitions.checkpoint import read_config
from definitions.files import load
from definitions.geometry import geometry
from definitions.heads import heads, label_heads, place_heads, read_layout
from make_fixtures import CASES, CONFIGS, HERE

Q, K, V, O = (f"model.layers.0.self_attn.{part}_proj.weight" for part in "qkvo")


@pytest.mark.parametrize(
    "entries, found",
    [
        (
            {"num_attention_heads": 8, "hidden_size": 64},
            {"q": (8, 8), "k": (8, 8), "v": (8, 8), "o": (8, 8)},
        ),
        (
            {"num_attention_heads": 8, "num_key_value_heads": 2, "hidden_size": 64, "head_dim": 16},
            {"q": (8, 16), "k": (2, 16), "v": (2, 16), "o": (8, 16)},
        ),
        (
            {
                "num_attention_heads": 8,
                "num_key_value_heads": None,
                "hidden_size": 64,
                "head_dim": None,
            },
            {"q": (8, 8), "k": (8, 8), "v": (8, 8), "o": (8, 8)},
        ),
        (
            {"n_head": 12, "n_embd": 768},
            {"q": (12, 64), "k": (12, 64), "v": (12, 64), "o": (12, 64)},
        ),
        (
            {"text_config": {"num_attention_heads": 2, "head_dim": 5}, "hidden_size": 3},
            {"q": (2, 5), "k": (2, 5), "v": (2, 5), "o": (2, 5)},
        ),
        ({"num_attention_heads": 5, "hidden_size": 64}, {}),
        ({"hidden_size": 64}, {}),
        ({"num_attention_heads": 8}, {}),
        ({}, {}),
        ({"num_attention_heads": 0, "hidden_size": 64}, {}),
        ({"num_attention_heads": "8", "hidden_size": 64}, {}),
    ],
)
def test_layouts(entries, found):
    assert read_layout(entries) == found


@pytest.mark.parametrize(
    "module, shape, transposed, found",
    [
        ("q", (96, 40), False, (0, 8, 12)),
        ("k", (24, 40), False, (0, 2, 12)),
        ("o", (40, 96), False, (1, 8, 12)),
        ("o", (96, 40), True, (0, 8, 12)),
        ("q", (40, 96), True, (1, 8, 12)),
        ("q", (95, 40), False, None),
        ("o", (96, 40), False, None),
        ("qkv", (144, 40), False, None),
        ("gate", (96, 40), False, None),
        ("q", (96,), False, None),
    ],
)
def test_places(module, shape, transposed, found):
    of_model = read_layout({"num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 12})
    assert place_heads(of_model, module, shape, transposed) == found


@pytest.mark.parametrize("content", [None, b"{", b"\x80", b"[1]"])
def test_without_a_config_there_are_no_heads(tmp_path, content):
    if content is not None:
        (tmp_path / "config.json").write_bytes(content)
    assert read_config(tmp_path) == {} and read_layout(read_config(tmp_path)) == {}


def rotate(degrees):
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


def test_two_heads_by_hand():
    # On the hidden side the second head turns by 0.5 degrees, and its values grow by a tenth.
    w0 = np.vstack([np.diag([3.0, 2, 1]), np.diag([3.0, 2, 1])])
    w1 = np.vstack([w0[:3], 1.1 * w0[3:] @ rotate(0.5).T])
    changed = np.zeros((6, 3), dtype=bool)
    changed[3:, :2] = True
    found = heads(w0, w1, changed, (0, 2, 3), 1)
    assert (found["axis"], found["count"], found["size"], found["k"]) == ("rows", 2, 3, 1)
    assert found["density"] == [0, 2 / 3] and found["gap"] == pytest.approx([1 / 3] * 2)
    assert found["nss"] == pytest.approx([0, 0.1]) and found["rotation"] == pytest.approx(
        [0, 0.5], rel=1e-9
    )
    other = heads(w0.T, w1.T, changed.T, (1, 2, 3), 1)
    assert other.pop("axis") == "columns"
    drawn = [other.pop(name) for name in ("rotation_chance", "rotation_chance_deviation")]
    assert all(other[name] == pytest.approx(found[name]) for name in other)
    # Nothing moved in the first head; the second one's update is not of the other one's draws,
    # turned.
    assert [levels[0] for levels in drawn] == [0, 0] and drawn[0][1] == pytest.approx(
        found["rotation_chance"][1], rel=0.5
    )


@pytest.mark.parametrize("axis", [0, 1])
def test_a_head_is_a_matrix_of_its_own(axis):
    rng = np.random.default_rng(7)
    w0 = rng.standard_normal((24, 20) if axis == 0 else (20, 24))
    w1 = w0 + 0.05 * rng.standard_normal(w0.shape)
    found = heads(w0, w1, w0 != w1, (axis, 3, 8), 5)
    for i, (b, t) in enumerate(zip(np.split(w0, 3, axis), np.split(w1, 3, axis))):
        g, _ = geometry(b, t, 5)
        assert (found["nss"][i], found["gap"][i]) == pytest.approx((g["nss"], g["gap"]))
        side = "right" if axis == 0 else "left"
        assert found["rotation"][i] == pytest.approx(max(g[f"angles_{side}"]))
        assert found["nss_chance"][i] == pytest.approx(g["chance"]["nss"], rel=1e-12)
        assert found["rotation_chance"][i] == g["chance"][f"angles_{side}"][0]
        assert found["rotation_chance_deviation"][i] == g["chance"][f"angles_{side}_deviation"][0]


def test_the_rank_is_the_smallest_of_all_heads_and_sides():
    rng = np.random.default_rng(8)
    w0 = rng.standard_normal((12, 9))
    low = rng.standard_normal((4, 2)) @ rng.standard_normal((2, 9))
    for side in (0, 1):
        pair = [w0.copy(), w0 + 0.1]
        pair[side][4:8] = low
        assert heads(*pair, w0 > 0, (0, 3, 4), 8)["k"] == 2
    assert (
        heads(w0, w0 + 0.1, w0 > 0, (0, 3, 4), 8)["k"] == 4
        and heads(w0, w0 + 0.1, w0 > 0, (0, 3, 4), 3)["k"] == 3
    )
    # A head that is wider than the hidden side is high fills it: there is nowhere to turn to.
    assert heads(w0.T[:3], w0.T[:3] + 0.1, w0.T[:3] > 0, (1, 3, 4), 8)["rotation"] == [0] * 3


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("value", [0, math.nan, math.inf])
def test_what_has_no_heads(side, value):
    pair = [np.ones((6, 4)), np.ones((6, 4))]
    pair[side][2:4] = value
    assert heads(*pair, np.ones((6, 4), dtype=bool), (0, 3, 2), 4) is None


@pytest.mark.parametrize("case", CASES)
def test_heads_are_where_a_config_is(case):
    for run in load(HERE / "fixtures" / case / "reference.json.gz")["runs"]:
        assert any(t["heads"] for t in run["tensors"]) == bool(
            read_layout(CONFIGS.get(case, {}).get("base", {}))
        )


@pytest.fixture(scope="module")
def reference():
    return load(HERE / "fixtures/grouped_heads/reference.json.gz")


def index_tensors(report):
    return {t["name"]: t for t in report["runs"][0]["tensors"]}


def test_the_fixture_holds_what_it_is_for(reference):
    found = {name: t["heads"] for name, t in index_tensors(reference).items()}
    assert (found[Q]["count"], found[K]["count"], found[O]["axis"]) == (6, 2, "columns") and found[
        V
    ]["k"] == 3
    assert found[K]["density"][1] == found[K]["nss"][1] == found[K]["rotation"][1] == 0
    assert [name for name in found if found[name] is None] == [
        name.replace("layers.0", "layers.1") for name in (Q, K, V)
    ]
    gpt2 = index_tensors(load(HERE / "fixtures/gpt2/reference.json.gz"))
    assert {n: t["heads"]["axis"] for n, t in gpt2.items() if t["heads"]} == {
        "h.0.attn.c_attn.weight": "columns",
        "h.0.attn.c_proj.weight": "rows",
    }
    assert (
        gpt2["h.0.attn.c_proj.weight"]["heads"]["k"] == 6
        and gpt2["h.0.attn.c_attn.weight"]["heads"]["count"] == 24
    )


@pytest.mark.parametrize(
    "case, name",
    [
        ("fused_in_blocks", "model.layers.0.self_attn.qkv_proj.weight"),
        ("fused_by_head", "gpt_neox.layers.0.attention.query_key_value.weight"),
    ],
)
def test_fused_heads_are_cut_in_their_order(case, name):
    found = index_tensors(load(HERE / "fixtures" / case / "reference.json.gz"))[name]["heads"]
    # Each head's update has 20 weights more than the one before it, of which a few are too small
    # for bf16.
    assert found["density"] == pytest.approx(
        [20 / 400 * (i + 1) for i in range(found["count"])], abs=0.04
    )
    assert (
        found["labels"]
        == {
            "fused_in_blocks": ["q0", "q1", "q2", "q3", "k0", "k1", "v0", "v1"],
            "fused_by_head": [f"{part}{i}" for i in range(4) for part in "qkv"],
        }[case]
    )


@pytest.mark.parametrize("kind", [None, "chatglm", "falcon"])
def test_of_other_models_the_order_of_fused_heads_is_not_known(kind):
    entries = {"model_type": kind, "num_attention_heads": 8, "hidden_size": 64}
    assert "qkv" not in read_layout(entries) and label_heads(entries, "qkv") == []
    assert label_heads({**entries, "model_type": "phi3"}, "q") == []
