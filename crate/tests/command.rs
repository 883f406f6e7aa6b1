//! The program as users run it, on small files.
#![cfg(not(target_arch = "wasm32"))]

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own, which goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gatescope-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file in folders that are made for it.
    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, bytes).expect("it can be written");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A safetensors file of F32 tensors with two dimensions.
fn safetensors(tensors: &[(&str, [usize; 2], &[f32])]) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    let mut data = Vec::new();
    for (name, shape, values) in tensors {
        let start = data.len();
        data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        let entry = json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()] });
        header.insert((*name).into(), entry);
    }
    let header = Value::from(header).to_string();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

/// A model of one layer, with what is added to its first weight, and rows of the embedding.
fn model(change: f32, rows: usize) -> Vec<u8> {
    let mut values: Vec<f32> = (0..64).map(|i| ((i * 37 % 64) as f32 - 31.5) / 8.0).collect();
    values[0] += change;
    let embedding: Vec<f32> = (0..rows * 4).map(|i| i as f32 + 1.0).collect();
    safetensors(&[
        ("model.embed_tokens.weight", [rows, 4], &embedding),
        ("model.layers.0.self_attn.q_proj.weight", [8, 8], &values),
    ])
}

fn run_in(folder: &Path, words: &[&str], variables: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatescope"));
    command.args(words).current_dir(folder);
    for name in ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"] {
        command.env_remove(name);
    }
    command.env("HOME", folder).envs(variables.iter().copied());
    command.output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs the program and returns its exit status, stdout and stderr.
fn run(folder: &Folder, words: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = run_in(&folder.0, words, &[]);
    (status.code().expect("no signal"), text(&stdout), text(&stderr))
}

#[test]
fn paths_have_roles_by_their_places_and_mistakes_are_those_of_usage() {
    let folder = Folder::new("command");
    folder.write("base/model.safetensors", &model(0.0, 3));
    folder.write("a/model.safetensors", &model(1.0, 3));
    folder.write("b/model.safetensors", &model(2.0, 3));
    let (status, out, err) = run(&folder, &["base", "a", "b", "--name", "first", "--k", "2"]);
    assert_eq!(status, 0, "{err}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "first: 2 tensors compared, all 76 weights.");
    assert!(lines[1].starts_with("In first, 1.3 % of weights differ in bf16; "), "{out}");
    assert!(lines.contains(&"b: 2 tensors compared, all 76 weights."), "{out}");
    let words = ["--base", "base", "a", "-q", "-o", "r.json", "-o", "r.csv", "--backend", "cpu"];
    let more = ["--seed", "3", "--abs-tolerance", "2"];
    let (status, out, err) = run(&folder, &[&words[..], &more].concat());
    assert_eq!((status, out.as_str(), err.as_str()), (0, "", ""));
    let report = fs::read(folder.path("r.json")).expect("written");
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    assert_eq!(
        (&report["settings"]["seed"], &report["settings"]["abs_tolerance"]),
        (&json!(3), &json!(2.0))
    );
    assert!(fs::read_to_string(folder.path("r.csv")).expect("written").lines().count() == 3);
    let (status, out, err) =
        run(&folder, &["base", "a", "--log-format", "json", "--only", "gate", "--backend", "cpu"]);
    assert_eq!(status, 0, "{err}");
    assert!(out.contains("1.3 % of weights differ"), "{out}");
    let events: Vec<Value> =
        err.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let progress = events.iter().filter(|event| event["event"] == "progress");
    assert_eq!(progress.map(|event| event["done"].as_u64()).max(), Some(Some(2)));
    for (words, status, said) in [
        (&["base"][..], 2, "a tuned checkpoint is needed"),
        (&["base", "a", "--name", "x", "--name", "y"], 2, "--name is given 2 times for 1 tuned"),
        (&["base", "a", "--k", "x"], 2, "invalid value 'x'"),
        (&["base", "gone"], 1, "gone"),
        // Before any file is opened.
        (&["gone", "gone", "-o", "no/r.json"], 1, "no/r.json: there is no folder no"),
        (&["base", "a", "-o", "r.json", "-o", "./r.json"], 1, "is named twice"),
        (&["base", "a", "-o", "a/model.safetensors"], 1, "is one of the checkpoints' own files"),
    ] {
        let (found, _, err) = run(&folder, words);
        assert!(found == status && err.contains(said), "{words:?}: {found} {err}");
    }
}

#[test]
fn what_is_printed_for_other_programs() {
    let folder = Folder::new("printed");
    let options = include_str!("../../scripts/analyze/options.json");
    let (_, out, _) = run(&folder, &["options"]);
    let [made, kept] = [out.as_str(), options].map(|text| serde_json::from_str::<Value>(text).ok());
    let how = "run: gatescope options > scripts/analyze/options.json, and npm run format";
    assert!(made.is_some() && made == kept, "{how}");
    assert!(run(&folder, &["completions", "bash"]).1.contains("--abs-tolerance"));
    assert!(run(&folder, &["man"]).1.starts_with(".ie"));
    assert!(run(&folder, &["--version"]).1.starts_with("gatescope 0."));
}

#[test]
fn summaries_are_those_of_the_list() {
    let folder = Folder::new("summary");
    let sample = include_str!("../../samples/report.json");
    let cases: Value =
        serde_json::from_str(include_str!("../../tests/unit/summaries.json")).expect("JSON");
    let cases = cases.as_array().expect("a list");
    assert!(cases.len() > 5);
    for case in cases {
        let mut report: Value = serde_json::from_str(sample).expect("the sample's report");
        for (pointer, value) in case["set"].as_object().expect("values by pointer") {
            match report.pointer_mut(pointer) {
                Some(place) => *place = value.clone(),
                None => {
                    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
                    report.pointer_mut(parent).expect("its parent")[key] = value.clone();
                }
            }
        }
        folder.write("r.json", report.to_string().as_bytes());
        let (status, out, err) = run(&folder, &["summary", "r.json"]);
        assert_eq!(status, 0, "{}: {err}", case["about"]);
        let lines = case["lines"].as_array().expect("lines").iter().filter_map(Value::as_str);
        assert_eq!(out.lines().collect::<Vec<_>>(), lines.collect::<Vec<_>>(), "{}", case["about"]);
    }
}

#[test]
fn models_of_the_hub_are_found_in_its_cache() {
    let folder = Folder::new("hub");
    let commits = ["0123456789abcdef0123456789abcdef01234567", "f".repeat(40).leak()];
    for (commit, change) in [(commits[0], 0.0), (commits[1], 1.0)] {
        let file = format!("hub/models--org--name/snapshots/{commit}/model.safetensors");
        folder.write(&file, &model(change, 3));
    }
    folder.write("hub/models--org--name/refs/main", commits[0].as_bytes());
    folder.write("hub/models--org--name/refs/step-1", commits[1].as_bytes());
    folder.write("hub/models--org--empty/refs/main", commits[0].as_bytes());
    let cache = folder.path("hub");
    let check = |variables: &[(&str, &Path)], base: &str, tuned: &str| {
        let Output { status, stdout, stderr } =
            run_in(&folder.0, &["check", base, tuned], variables);
        (status.code().expect("no signal"), text(&stdout), text(&stderr))
    };
    let here = [("HF_HUB_CACHE", cache.as_path())];
    for tuned in ["org/name@step-1", "org/name@fffffff"] {
        let (status, out, err) = check(&here, "org/name", tuned);
        assert!(status == 0 && out.contains(r#""bit_equal":75"#), "{out} {err}");
    }
    // The same cache by the other variable: its folder is `hub`.
    let (status, ..) = check(&[("HF_HOME", &folder.0)], "org/name@main", "org/name");
    assert_eq!(status, 4);
    for (tuned, said) in [
        ("org/other", "`hf download org/other` fetches it"),
        ("org/name@v2", "`hf download org/name --revision v2` fetches it"),
        ("org/empty", "no revision of it is complete"),
        ("org/../name", "org/../name"),
    ] {
        let (status, _, err) = check(&here, "org/name", tuned);
        assert!(status == 1 && err.contains(said), "{tuned}: {err}");
    }
    folder.write("org/name/model.safetensors", &model(1.0, 3));
    let (status, _, err) = check(&here, "org/name@main", "org/name");
    assert!(status == 0 && err.contains("org/name is taken as the local folder"), "{status} {err}");
}

#[test]
fn check_tells_what_two_checkpoints_are_to_each_other() {
    let folder = Folder::new("check");
    folder.write("base/model.safetensors", &model(0.0, 3));
    folder.write("same/model.safetensors", &model(0.0, 3));
    folder.write("slight/model.safetensors", &model(1e-6, 3));
    folder.write("changed/model.safetensors", &model(1.0, 3));
    folder.write("rows/model.safetensors", &model(0.0, 4));
    let one: &[f32] = &[1.0; 6];
    let name = "model.layers.0.self_attn.q_proj.weight";
    folder.write("other/model.safetensors", &safetensors(&[(name, [2, 3], one)]));
    folder.write("cut/model.safetensors", &model(0.0, 3)[..300]);
    for factors in [0.0f32, 1.0] {
        let adapter = format!("adapter-{factors}");
        let b = [factors; 8];
        let start = "base_model.model.model.layers.0.self_attn.q_proj";
        let file = safetensors(&[
            (&format!("{start}.lora_A.weight"), [1, 8], &[1.0; 8]),
            (&format!("{start}.lora_B.weight"), [8, 1], &b),
        ]);
        folder.write(&format!("{adapter}/adapter_model.safetensors"), &file);
        let config = json!({ "peft_type": "LORA", "r": 1, "lora_alpha": 1,
                             "target_modules": ["q_proj"] });
        folder.write(&format!("{adapter}/adapter_config.json"), config.to_string().as_bytes());
    }
    for (tuned, status, verdict, form) in [
        ("same", 4, "bit_equal", "weights"),
        ("slight", 5, "unchanged_in_bf16", "weights"),
        ("changed", 0, "changed", "weights"),
        ("rows", 0, "changed", "weights"),
        ("other", 6, "other_architecture", "weights"),
        ("adapter-0", 5, "adapter_without_effect", "adapter"),
        ("adapter-1", 0, "changed", "adapter"),
    ] {
        let (found, out, err) = run(&folder, &["check", "base", tuned]);
        let line: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out} {err}"));
        let said = (found, &line["verdict"], &line["form"], &line["exit_status"]);
        assert_eq!(said, (status, &json!(verdict), &json!(form), &json!(status)), "{tuned} {err}");
        assert_eq!(line["rows_of_one_side"]["count"], u8::from(tuned == "rows"), "{out}");
    }
    assert_eq!(run(&folder, &["check", "base", "cut"]).1.matches("bit_equal\"").count(), 0);
    assert_eq!(run(&folder, &["check", "base"]).0, 2);
}

#[test]
fn watch_writes_a_row_for_each_complete_save() {
    let folder = Folder::new("watch");
    folder.write("base/model.safetensors", &model(0.0, 3));
    folder.write("run/checkpoint-10/model.safetensors", &model(1.0, 3));
    folder.write("run/checkpoint-9/model.safetensors", &model(1.0, 3));
    folder.write("run/global_step_20/actor/huggingface/model.safetensors", &model(2.0, 3));
    folder.write("run/notes/model.safetensors", &model(2.0, 3));
    let shard = "run/checkpoint-30/model-00001-of-00002.safetensors";
    folder.write(shard, &model(0.0, 3));
    let watch = |log: &str| {
        let words = ["watch", "run", "--base", "base", "--log", log, "--once", "--every", "0.1"];
        run(&folder, &words)
    };
    let (status, _, err) = watch("run.csv");
    assert!(status == 3 && err.contains("step 30 has no row"), "{status} {err}");
    let table = fs::read_to_string(folder.path("run.csv")).expect("written");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let names: Vec<String> = reader.headers().expect("a head").iter().map(String::from).collect();
    let cells: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let column = |name: &str| -> Vec<&str> {
        let at = names.iter().position(|one| one == name).unwrap_or_else(|| panic!("{names:?}"));
        cells.iter().map(|row| &row[at]).collect()
    };
    assert_eq!(column("step"), ["9", "10", "20"]);
    assert_eq!(column("previous_step"), ["", "9", "10"]);
    let is_changed = |name: &str| column(name).into_iter().map(|c| c != "0.0").collect::<Vec<_>>();
    assert_eq!(is_changed("base/changed_bf16"), [true, true, true]);
    assert_eq!(is_changed("previous/changed_bf16"), [true, false, true]);
    assert_eq!(is_changed("base/layer_0/changed_bf16"), [true, true, true]);
    assert_eq!(is_changed("base/embed/changed_bf16"), [false, false, false]);
    // The rest of the last save comes, and a row was cut while it was written.
    let index = json!({ "weight_map": { "a": "model-00001-of-00002.safetensors" } });
    folder.write("run/checkpoint-30/model.safetensors.index.json", index.to_string().as_bytes());
    fs::write(folder.path("run.csv"), format!("{table}30,2026")).expect("written");
    let (status, _, err) = watch("run.csv");
    assert!(status == 0 && !err.contains("step 20"), "{status} {err}");
    let longer = fs::read_to_string(folder.path("run.csv")).expect("written");
    assert!(longer.starts_with(&table) && longer.lines().count() == 5, "{longer}");
    assert_eq!(watch("run.jsonl").0, 0);
    let rows = fs::read_to_string(folder.path("run.jsonl")).expect("written");
    let last: Value = serde_json::from_str(rows.lines().last().expect("rows")).expect("JSON");
    assert_eq!((&last["step"], &last["previous_step"]), (&json!(30), &json!(20)));
    let (status, _, err) = watch("base/model.safetensors");
    assert!(status == 1 && err.contains("is no table of steps"), "{err}");
    let weights = fs::read(folder.path("base/model.safetensors")).expect("still there");
    assert!(weights == model(0.0, 3), "a file that is no table stays as it is");
}
