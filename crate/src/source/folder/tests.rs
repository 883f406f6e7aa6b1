//! Folders as people have them.

use crate::source::folder::place::{Place, Rules, last_part};
use crate::source::folder::{find_places, name_apart};
use std::cmp::Ordering;
use std::fs;
use std::path::{Path, PathBuf};

const RULES: Rules = Rules { may_hold_weights: |name| name.ends_with(".safetensors"), compare };

/// Shorter names first: enough of a natural order for these.
fn compare(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// An empty folder of its own.
fn make_folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("gatescope-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

fn write(root: &Path, files: &[&str]) {
    for file in files {
        let path = root.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, "x").expect("it can be written");
    }
}

fn names(root: &Path, path: &str) -> Vec<(String, Vec<String>)> {
    let places = find_places(&root.join(path), RULES).expect("it is there");
    let files = |place: &Place| place.files.iter().map(|(name, _)| name.clone()).collect();
    places.iter().map(|place| (place.name.clone(), files(place))).collect()
}

fn one(name: &str, files: &[&str]) -> (String, Vec<String>) {
    (name.into(), files.iter().map(|file| file.to_string()).collect())
}

#[test]
fn a_path_stands_for_its_checkpoints() {
    let root = make_folder("places");
    let commit = "models--org--name/snapshots/0123456789";
    write(
        &root,
        &[
            "run/checkpoint-1000/w.safetensors",
            "run/checkpoint-200/w.safetensors",
            "run/log.txt",
            "whole/w.safetensors",
            "indexed/a.safetensors",
            "indexed/b.safetensors",
            "whole/original/w.safetensors",
            "adapter/adapter_model.safetensors",
            "adapter/Adapter_Config.json",
            "adapter/w.safetensors",
            "fsdp/pytorch_model_fsdp_0/__0_0.distcp",
            &format!("{commit}/w.safetensors"),
            "models--org--name/snapshots/abc/w.safetensors",
            "models--org--name/blobs/abc",
            "models--org--name/refs/main",
        ],
    );
    assert_eq!(
        names(&root, "run"),
        [one("checkpoint-200", &["w.safetensors"]), one("checkpoint-1000", &["w.safetensors"])]
    );
    assert_eq!(names(&root, "whole"), [one("whole", &["w.safetensors", "original/w.safetensors"])]);
    assert_eq!(
        names(&root, "adapter/adapter_model.safetensors"),
        [one("adapter", &["Adapter_Config.json", "adapter_model.safetensors"])]
    );
    assert_eq!(names(&root, "adapter/w.safetensors"), [one("w", &["w.safetensors"])]);
    let index = "indexed/x.index.json";
    fs::write(root.join(index), r#"{"weight_map": {"t": "b.safetensors", "u": "../w"}}"#)
        .expect("it can be written");
    assert_eq!(names(&root, index), [one("indexed", &["x.index.json", "b.safetensors"])]);
    assert_eq!(names(&root, "whole/.")[0].0, "whole");
    assert_eq!(names(&root, "whole/original/..")[0].0, "whole");
    assert_eq!(names(&root, "fsdp"), [one("fsdp", &["pytorch_model_fsdp_0/__0_0.distcp"])]);
    let error = find_places(&root.join("models--org--name"), RULES).expect_err("two revisions");
    assert!(error.to_string().contains("0123456789"), "{error}");
    fs::write(root.join("models--org--name/refs/main"), "0123456789\n").expect("written");
    assert_eq!(names(&root, "models--org--name"), [one("org/name", &["w.safetensors"])]);
    assert_eq!(names(&root, commit), [one("org/name", &["w.safetensors"])]);
    assert!(find_places(&root.join("gone"), RULES).is_err());
    fs::remove_dir_all(root).expect("it can be removed");
}

#[test]
#[cfg(unix)]
fn what_is_no_file_is_told_and_never_waited_for() {
    let root = make_folder("no-files");
    write(&root, &["b.safetensors/x"]);
    std::os::unix::fs::symlink("gone", root.join("a.safetensors")).expect("a link");
    let made = std::process::Command::new("mkfifo").arg(root.join("c.safetensors")).status();
    let places = find_places(&root, RULES).expect("a folder");
    let files = places[0].open_files().expect("each by its name");
    let told: Vec<String> = files
        .iter()
        .map(|file| pollster::block_on(file.read(0..0)).expect_err("no file").to_string())
        .collect();
    assert!(told[0].contains("a link to gone"), "{told:?}");
    assert!(told[1].contains("a folder"), "{told:?}");
    if made.is_ok_and(|status| status.success()) {
        assert!(told[2].contains("a pipe"), "{told:?}");
        assert!(find_places(&root.join("c.safetensors"), RULES).is_err());
    }
    fs::remove_dir_all(root).expect("it can be removed");
}

#[test]
fn equal_names_get_the_part_of_the_path_that_differs() {
    let place = |path: &str, revision: Option<&str>| Place {
        name: last_part(Path::new(path)),
        path: path.into(),
        revision: revision.map(String::from),
        files: Vec::new(),
    };
    let apart = |paths: &[&str]| {
        name_apart(&paths.iter().map(|path| place(path, None)).collect::<Vec<_>>())
    };
    assert_eq!(apart(&["/gone/a/s", "/gone/b/s", "/gone/t"]), ["a/s", "b/s", "t"]);
    assert_eq!(apart(&["/gone/a/x/s", "/gone/b/x/s"]), ["a/x/s", "b/x/s"]);
    assert_eq!(apart(&["/gone/s", "/gone/s"]), ["s", "s (2)"]);
    let revisions = [place("/m", Some("0123456789")), place("/m", Some("abcdef0123"))];
    assert_eq!(name_apart(&revisions), ["m@0123456", "m@abcdef0"]);
}
