//! GGUF files that are built byte by byte.

use super::*;
use crate::checkpoint::testing::{bytes_file, f32_bytes};

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

/// A file of this architecture with 2 heads of queries and 1 of keys, and these tensors: names,
/// dimensions as the file has them, types, bytes.
fn build(architecture: &str, tensors: &[(&str, &[u64], u32, Vec<u8>)]) -> Vec<u8> {
    let mut out = b"GGUF\x03\0\0\0".to_vec();
    out.extend((tensors.len() as u64).to_le_bytes());
    out.extend(4u64.to_le_bytes());
    text(&mut out, "general.architecture");
    out.extend(8u32.to_le_bytes());
    text(&mut out, architecture);
    // An array of texts, as vocabularies are.
    text(&mut out, "tokenizer.ggml.tokens");
    out.extend(9u32.to_le_bytes());
    out.extend(8u32.to_le_bytes());
    out.extend(2u64.to_le_bytes());
    ["a", "bc"].iter().for_each(|token| text(&mut out, token));
    for (key, heads) in [("head_count", 2u32), ("head_count_kv", 1)] {
        text(&mut out, &format!("{architecture}.attention.{key}"));
        out.extend(4u32.to_le_bytes());
        out.extend(heads.to_le_bytes());
    }
    let mut data: Vec<u8> = Vec::new();
    for (name, dims, kind, bytes) in tensors {
        text(&mut out, name);
        out.extend((dims.len() as u32).to_le_bytes());
        dims.iter().for_each(|n| out.extend(n.to_le_bytes()));
        out.extend(kind.to_le_bytes());
        out.extend((data.len() as u64).to_le_bytes());
        data.extend(bytes);
        data.resize(data.len().next_multiple_of(32), 0);
    }
    out.resize(out.len().next_multiple_of(32), 0);
    [out, data].concat()
}

fn read(bytes: Vec<u8>) -> Result<(File, Vec<LeftOut>), Error> {
    pollster::block_on(read_file(&bytes_file("a.gguf", bytes)))
}

fn bytes_of(file: &File, name: &str) -> (Vec<u64>, Vec<u8>) {
    let tensor = file.tensors.iter().find(|t| t.name == name).unwrap_or_else(|| panic!("{name}"));
    let bytes = pollster::block_on(tensor.read(0..tensor.elements())).expect("inside the file");
    (tensor.shape.clone(), bytes)
}

/// An 8×3 matrix whose row r is r + 0, 0.25, 0.5, in this order of rows.
fn rows(order: [u8; 8]) -> Vec<u8> {
    let row = |r: &u8| [0.0, 0.25, 0.5].map(|part| f32::from(*r) + part);
    f32_bytes(&order.iter().flat_map(row).collect::<Vec<_>>())
}

#[test]
fn tensors_get_the_names_shapes_and_rows_of_transformers() {
    let plain = rows([0, 1, 2, 3, 4, 5, 6, 7]);
    // LlamaModel.permute of two heads and of one: halves of a head become pairs.
    let queries = rows([0, 2, 1, 3, 4, 6, 5, 7]);
    let keys = rows([0, 4, 1, 5, 2, 6, 3, 7]);
    let tensors: [(&str, &[u64], u32, Vec<u8>); 6] = [
        ("blk.3.attn_q.weight", &[3, 8], 0, queries.clone()),
        ("blk.3.attn_k.weight", &[3, 8], 0, keys),
        ("blk.3.ffn_down.weight", &[3, 8], 0, plain.clone()),
        ("token_embd.weight", &[3, 8], 0, plain.clone()),
        ("rope_freqs.weight", &[2], 0, f32_bytes(&[1.0, 2.0])),
        ("output.weight", &[32, 1], 8, vec![0; 34]),
    ];
    let (file, left_out) = read(build("llama", &tensors)).expect("a good file");
    for name in [
        "model.layers.3.self_attn.q_proj.weight",
        "model.layers.3.self_attn.k_proj.weight",
        "model.layers.3.mlp.down_proj.weight",
        "model.embed_tokens.weight",
    ] {
        assert_eq!(bytes_of(&file, name), (vec![8, 3], plain.clone()), "{name}");
    }
    let listed: Vec<_> = left_out.iter().map(|l| (l.name.as_str(), l.reason)).collect();
    let want = [
        ("rope_freqs.weight", LeftOutReason::Buffer),
        ("lm_head.weight", LeftOutReason::UnsupportedDtype),
    ];
    assert_eq!(listed, want);
    assert!(left_out[1].detail.contains("Q8_0"), "{left_out:?}");
    let (file, _) = read(build("qwen3", &tensors)).expect("a good file");
    assert_eq!(bytes_of(&file, "model.layers.3.self_attn.q_proj.weight").1, queries);
    // The norms of gemma are changed, so none of its tensors passes for one of transformers.
    let (file, _) = read(build("gemma2", &tensors)).expect("a good file");
    assert_eq!(bytes_of(&file, "blk.3.attn_q.weight").1, queries);
}

#[test]
fn cut_and_changed_files_never_panic() {
    let good = build("llama", &[("blk.0.attn_q.weight", &[3, 8], 0, rows([0; 8]))]);
    let check = |bytes: Vec<u8>| {
        let found = read(bytes);
        for tensor in found.iter().flat_map(|(file, _)| &file.tensors) {
            let read = tensor.read(0..tensor.elements());
            assert!(pollster::block_on(read).is_ok(), "inside the file");
        }
        found.is_ok_and(|(file, _)| file.tensors.len() == 1)
    };
    assert!(check(good.clone()));
    for end in 0..good.len() {
        assert!(!check(good[..end].to_vec()), "cut at {end}");
    }
    for place in 0..good.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = good.clone();
            changed[place] ^= change;
            check(changed);
        }
    }
}
