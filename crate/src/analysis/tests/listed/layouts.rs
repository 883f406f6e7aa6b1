//! Sparse deltas in memory, in two layouts.

use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::testing::{FileBuilder, bf16_bytes, bytes_file, open};

/// A tensor's name, its shape for layouts that tell it, and the places that each file lists.
pub type Lists<'a> = (&'a str, &'a [u64], Vec<Vec<u64>>);

/// The new value at a place, which a base of zeros does not hold.
fn value(place: u64) -> f32 {
    1.0 + (place % 64) as f32
}

/// Adds the indices and the values of a list to a file, under the tensor's name and these endings.
pub fn add_list(
    file: FileBuilder,
    tensor: &str,
    places: &[u64],
    (indices, values): (&str, &str),
) -> FileBuilder {
    let count = [places.len() as u64];
    let bytes: Vec<u8> = places.iter().flat_map(|p| (*p as i64).to_le_bytes()).collect();
    let new: Vec<f32> = places.iter().map(|p| value(*p)).collect();
    file.tensor(&format!("{tensor}{indices}"), "I64", &count, bytes).tensor(
        &format!("{tensor}{values}"),
        "BF16",
        &count,
        bf16_bytes(&new),
    )
}

/// TRL's layout: one file per step, no shapes.
pub fn trl(name: &str, tensors: &[Lists<'_>]) -> Checkpoint {
    let steps = tensors.iter().map(|(_, _, files)| files.len()).max().unwrap_or(0);
    let step = |s: usize| {
        let metadata = format!(r#"{{"sparse":"True","model_version":"{}"}}"#, s + 1);
        tensors
            .iter()
            .filter_map(|(tensor, _, files)| Some((tensor, files.get(s)?)))
            .fold(FileBuilder::new().metadata(&metadata), |file, (tensor, places)| {
                add_list(file, tensor, places, (".indices", ".values"))
            })
            .source(&format!("step_{s}.safetensors"))
    };
    open(name, (0..steps).map(step).collect()).expect("good files")
}

/// prime-rl's layout by ranks: one file per rank, with shapes.
pub fn prime(name: &str, tensors: &[Lists<'_>]) -> Checkpoint {
    let ranks = tensors.iter().map(|(_, _, files)| files.len()).max().unwrap_or(0);
    let (mut files, mut manifest) = (Vec::new(), Vec::new());
    for rank in 0..ranks {
        let (mut file, mut entries) = (FileBuilder::new().metadata("{}"), Vec::new());
        for (tensor, shape, files) in tensors {
            let Some(places) = files.get(rank) else {
                continue;
            };
            file = add_list(file, tensor, places, ("_i", "_v"));
            entries.push(format!(
                r#"{{"name":"{tensor}","global_shape":{shape:?},"indices_key":"{tensor}_i",
"values_key":"{tensor}_v"}}"#
            ));
        }
        files.push(file.source(&format!("rank_{rank}.safetensors")));
        manifest.push(format!(
            r#"{{"file":"rank_{rank}.safetensors","tensors":[{}]}}"#,
            entries.join(",")
        ));
    }
    let text = format!(
        r#"{{"format":"prime-rl-sparse-hf-v1","base_step":0,"target_step":9,"ranks":[{}]}}"#,
        manifest.join(",")
    );
    files.push(bytes_file("sparse_manifest.json", text));
    open(name, files).expect("good files")
}

/// A base of BF16 tensors that are all 0.
pub fn zeros(tensors: &[(&str, &[u64])]) -> Checkpoint {
    let add = |file: FileBuilder, (name, shape): &(&str, &[u64])| {
        let bytes = vec![0; 2 * shape.iter().product::<u64>() as usize];
        file.tensor(name, "BF16", shape, bytes)
    };
    tensors.iter().fold(FileBuilder::new(), add).checkpoint("base")
}
