//! Files that are changed at random, opened and paired: whatever they hold, nothing may panic, and
//! an overflow is a panic in this profile.
//!
//! The seeds are small files of every format, the checkpoints that are kept for the reference and
//! what once broke something (`kept.txt`). Every run of the tests takes the same changes, for a few
//! seconds. A long run takes others:
//! `FUZZ_SECONDS=3600 FUZZ_START=1 cargo test -p gatescope --lib fuzz -- --nocapture`.

use crate::analysis::inputs::Inputs;
use crate::analysis::plan::plan;
use crate::checkpoint::layout::may_hold_weights;
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::testing::{FileBuilder, bytes_file, file_bytes, open};
use crate::settings::Settings;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The files of a checkpoint.
type Files = Vec<(String, Vec<u8>)>;

/// Executions of a usual run: some seconds.
const USUAL: u64 = 60_000;
/// The largest folder that is a seed: a change should hit what is parsed, not weights.
const MOST_BYTES: usize = 60_000;
/// Texts and numbers that limits are about.
const WORDS: [&[u8]; 14] = [
    b"0",
    b"-1",
    b"18446744073709551615",
    b"9223372036854775812",
    b"4294967296",
    b"1000000000000",
    b"1e999",
    b"null",
    b"[]",
    b"{}",
    b"\"\"",
    b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x80\x00\x00\x00\x00",
];

/// xorshift64*, whose state is never 0.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % most.max(1)
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/reference/fixtures")
}

/// Adds the folders below this one, with their small files, and every file of a folder alone.
fn collect(folder: &Path, seeds: &mut Vec<(String, Files)>) {
    let mut files = Files::new();
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            collect(&path, seeds);
        } else if !name.ends_with(".py") {
            files.push((name, std::fs::read(&path).expect("a file")));
        }
    }
    files.retain(|(_, bytes)| bytes.len() <= MOST_BYTES);
    if files.iter().any(|(name, _)| may_hold_weights(name)) {
        let kind = folder.strip_prefix(fixtures()).expect("below").display().to_string();
        let kind = kind.split('/').next().unwrap_or_default();
        if files.len() > 1 {
            seeds.extend(files.iter().map(|file| (kind.into(), vec![file.clone()])));
        }
        seeds.push((kind.into(), files));
    }
}

/// Small files of the formats that the fixtures lack.
fn build_seeds() -> Vec<(String, Files)> {
    let model = || {
        let name = "model.layers.0.self_attn";
        FileBuilder::new()
            .bf16s(&format!("{name}.q_proj.weight"), &[4, 4], &[1.0; 16])
            .f32s("model.layers.0.mlp.experts.gate_up_proj", &[2, 2, 3], &[2.0; 12])
            .tensor("model.layers.0.mlp.up_proj.weight", "F8_E4M3", &[2, 2], [1, 2, 3, 4])
            .f32s("model.layers.0.mlp.up_proj.weight_scale_inv", &[1, 1], &[0.5])
            .bytes()
    };
    let file = |name: &str, bytes: &[u8]| (name.to_string(), bytes.to_vec());
    let config = br#"{"num_attention_heads":2,"num_key_value_heads":1,"head_dim":2,"model_type":
"phi3","tie_word_embeddings":true,"quantization_config":{"weight_block_size":[2,2]}}"#;
    let index =
        br#"{"metadata":{"total_size":9},"weight_map":{"model.layers.0.self_attn.q_proj.weight":
"model.safetensors","other":"model-00002-of-00002.safetensors"}}"#;
    let manifest = br#"{"format":"prime-rl-sparse-hf-v1","base_step":0,"target_step":4,"ranks":[
{"file":"rank_0.safetensors","tensors":[{"name":"model.layers.0.self_attn.q_proj.weight",
"global_shape":[4,4],"indices_key":"i","values_key":"v"}]}]}"#;
    let list = FileBuilder::new().tensor("i", "I32", &[1], [3, 0, 0, 0]).bf16s("v", &[1], &[9.0]);
    let trl = FileBuilder::new()
        .metadata(r#"{"sparse":"True","model_version":"3"}"#)
        .tensor("model.layers.0.self_attn.q_proj.weight.indices", "I32", &[1], [3, 0, 0, 0])
        .bf16s("model.layers.0.self_attn.q_proj.weight.values", &[1], &[9.0]);
    let mut gguf = b"GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0".to_vec();
    let text = |out: &mut Vec<u8>, text: &str| {
        out.extend((text.len() as u64).to_le_bytes());
        out.extend(text.as_bytes());
    };
    text(&mut gguf, "general.architecture");
    gguf.extend(8u32.to_le_bytes());
    text(&mut gguf, "llama");
    text(&mut gguf, "blk.0.ffn_up.weight");
    gguf.extend([2, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    gguf.extend([0; 8]);
    gguf.resize(gguf.len().next_multiple_of(32) + 64, 0);
    let seeds: [(&str, Files); 6] = [
        ("header", vec![file("model.safetensors", &model())]),
        ("config", vec![file("model.safetensors", &model()), file("config.json", config)]),
        (
            "index",
            vec![file("model.safetensors", &model()), file("model.safetensors.index.json", index)],
        ),
        (
            "manifest",
            vec![file("rank_0.safetensors", &list.bytes()), file("sparse_manifest.json", manifest)],
        ),
        ("sparse", vec![file("delta.safetensors", &trl.bytes())]),
        ("gguf", vec![file("model.gguf", &gguf)]),
    ];
    seeds.map(|(kind, files)| (kind.to_string(), files)).into()
}

/// What once broke something: a line for each header, of files with some bytes behind it.
fn kept_seeds() -> Vec<(String, Files)> {
    let file = |text: &str| vec![("model.safetensors".into(), file_bytes(text, &[0; 16]))];
    include_str!("kept.txt").lines().map(|text| ("kept".into(), file(text))).collect()
}

/// Changes one file in one place, or in up to eight. Where it has a header, its length is mostly
/// told anew.
fn change(files: &mut Files, others: &[(String, Files)], random: &mut Random) {
    let place = random.below(files.len());
    let bytes = &mut files[place].1;
    let header = bytes.get(..8).map(|b| u64::from_le_bytes(b.try_into().expect("eight")) as usize);
    let header = header.filter(|length| *length <= bytes.len() - 8);
    // What is parsed lies in front.
    let end = header.map_or(bytes.len(), |length| length + 8);
    let before = bytes.len();
    for _ in 0..=random.below(2) * random.below(8) {
        let at = random.below(end.min(bytes.len()) + 1);
        let length = random.below(24).min(bytes.len() - at);
        match random.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = random.below(256) as u8,
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let copy = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len() + 1);
                drop(bytes.splice(to..to, copy));
            }
            4 => {
                let word = WORDS[random.below(WORDS.len())];
                let digit = bytes[at..].iter().take(99).position(u8::is_ascii_digit);
                let at = at + digit.unwrap_or(0);
                let digits = bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
                drop(bytes.splice(at..at + digits, word.iter().copied()));
            }
            5 => {
                let (_, other) = &others[random.below(others.len())];
                let other = &other[random.below(other.len())].1;
                let from = random.below(other.len().min(end.max(1)));
                let part = &other[from..other.len().min(from + random.below(64))];
                drop(bytes.splice(at..at + length, part.iter().copied()));
            }
            _ => bytes.truncate(if random.below(8) == 0 { at } else { bytes.len() }),
        }
    }
    if let Some(length) = header.filter(|_| bytes.len() >= 8 && random.below(8) > 0) {
        let length = (length + bytes.len()).saturating_sub(before).min(bytes.len() - 8);
        bytes[..8].copy_from_slice(&(length as u64).to_le_bytes());
    }
}

fn open_files(files: &Files) -> Option<Checkpoint> {
    let sources = files.iter().map(|(name, bytes)| bytes_file(name, bytes.clone())).collect();
    open("tuned", sources).ok()
}

/// Opens files, alone and beside a base, pairs them, and reads a few of their elements. Returns
/// whether they are read.
fn execute(files: &Files, base: &Files) -> bool {
    let Some(tuned) = open_files(files) else { return false };
    for entry in tuned.tensors.iter().take(4) {
        let _ = pollster::block_on(entry.view.elements(0..entry.elements().min(8)));
    }
    tuned.summarize();
    let settings = Settings::default();
    if let Some(base) = open_files(base)
        && let Ok(inputs) = Inputs::new(Some(base), vec![tuned], None)
    {
        let _ = plan(&inputs, &settings);
    }
    if let Some(tuned) = open_files(files).filter(|tuned| tuned.delta.is_some())
        && let Ok(inputs) = Inputs::new(None, vec![tuned], None)
    {
        let _ = plan(&inputs, &settings);
    }
    true
}

fn read_number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn changed_files_are_read_or_refused() {
    let mut seeds = build_seeds();
    seeds.extend(kept_seeds());
    collect(&fixtures(), &mut seeds);
    for (kind, files) in build_seeds() {
        assert!(execute(&files, &files), "the seed {kind} is not read");
    }
    let base = seeds[1].1.clone();
    let mut kinds: Vec<(&str, Vec<usize>)> = Vec::new();
    for (place, (kind, _)) in seeds.iter().enumerate() {
        match kinds.iter_mut().find(|(known, _)| known == kind) {
            Some((_, places)) => places.push(place),
            None => kinds.push((kind, vec![place])),
        }
    }
    let mut random = Random(0x9e37_79b9 + read_number("FUZZ_START").unwrap_or(0));
    let seconds = read_number("FUZZ_SECONDS");
    let (start, mut slowest) = (Instant::now(), Duration::ZERO);
    let mut counts: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    for execution in 0.. {
        match seconds {
            None if execution == USUAL => break,
            Some(seconds) if start.elapsed().as_secs() >= seconds => break,
            _ => {}
        }
        // Kinds with few seeds are as likely as those with many.
        let (kind, places) = &kinds[random.below(kinds.len())];
        let seed = &seeds[places[random.below(places.len())]].1;
        let mut files = seed.clone();
        change(&mut files, &seeds, &mut random);
        // A delta of the kept files belongs to a base of its own; others are told by its names.
        let base = if random.below(2) == 0 { seed } else { &base };
        let began = Instant::now();
        let done = catch_unwind(AssertUnwindSafe(|| execute(&files, base)));
        slowest = slowest.max(began.elapsed());
        let Ok(read) = done else {
            let folder = std::env::temp_dir().join(format!("gatescope-fuzz-{execution}"));
            std::fs::create_dir_all(&folder).expect("a folder for what was found");
            for (name, bytes) in &files {
                std::fs::write(folder.join(name), bytes).expect("a file of what was found");
            }
            panic!("files of kind {kind} end in a panic: they are in {}", folder.display());
        };
        counts.entry(kind.to_string()).or_default()[usize::from(read)] += 1;
    }
    println!("slowest {slowest:?}; refused and read by kind: {counts:?}");
    for kind in ["header", "config", "index", "manifest", "sparse", "gguf", "torch", "peft"] {
        let [refused, read] = counts.get(kind).copied().unwrap_or_default();
        assert!(refused > 0 && read > 0, "{kind}: {refused} refused, {read} read");
    }
}
