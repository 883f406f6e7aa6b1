//! TRL's delta weight sync: `X.indices` (I32, flat, ascending) and `X.values` (BF16, the new
//! values) for each changed parameter X, with `sparse` and `model_version` in the header's metadata
//! (https://huggingface.co/blog/delta-weight-sync, section 4.1).

use crate::checkpoint::formats::sparse_delta::summary::DeltaLayout;
use crate::checkpoint::formats::sparse_delta::{Change, Delta, Patch};
use crate::checkpoint::header::File;
use crate::checkpoint::raw::RawTensor;
use crate::error::Error;
use crate::settings::Comparison;
use std::collections::HashMap;

const INDICES: &str = ".indices";
const VALUES: &str = ".values";

/// Finds the deltas among these files, and joins them in the order of their versions.
pub fn find_delta(files: &[File]) -> Result<Option<Delta>, Error> {
    let sparse =
        |f: &File| f.metadata.get("sparse").is_some_and(|s| s.eq_ignore_ascii_case("true"));
    let mut deltas = Vec::new();
    for file in files.iter().filter(|f| sparse(f)) {
        let version = file.metadata.get("model_version").and_then(|v| v.parse::<u64>().ok());
        deltas.push((version, file));
    }
    if deltas.is_empty() {
        return Ok(None);
    }
    if let Some(full) = files.iter().find(|f| !sparse(f)) {
        return Err(Error::bad_file(
            full.source.name(),
            "it holds full weights and lies beside sparse deltas: give it as the base, and the \
            deltas alone as a tuned checkpoint",
        ));
    }
    deltas.sort_by_key(|(version, _)| *version);
    for pair in deltas.windows(2) {
        let follows = pair[0].0.is_some_and(|before| pair[1].0 == before.checked_add(1));
        if !follows {
            let named = |(version, file): &(Option<u64>, &File)| {
                format!(
                    "{} (version {})",
                    file.source.name(),
                    version.map_or("unknown".into(), |v| v.to_string())
                )
            };
            return Err(Error::bad_file(
                pair[1].1.source.name(),
                format!(
                    "{} does not follow {}: give deltas without gaps, or one alone",
                    named(&pair[1]),
                    named(&pair[0])
                ),
            ));
        }
    }
    let mut patches = Vec::new();
    for (_, file) in &deltas {
        patches.extend(patches_in(file)?);
    }
    let target_version = deltas.last().and_then(|(version, _)| *version);
    // The layout holds one step a file; the version before it is not written in it.
    let comparison = (deltas.len() == 1).then_some(Comparison::PerStep);
    Ok(Some(Delta {
        layout: DeltaLayout::Trl,
        base_version: None,
        target_version,
        comparison,
        change: Change::Values(patches),
    }))
}

/// Reads the patches of one file.
fn patches_in(file: &File) -> Result<Vec<Patch>, Error> {
    let name = file.source.name();
    if let Some(t) =
        file.tensors.iter().find(|t| !t.name.ends_with(INDICES) && !t.name.ends_with(VALUES))
    {
        return Err(Error::bad_file(
            name,
            format!(
                "its header calls it a sparse delta of TRL, but {} ends neither in {INDICES} nor \
                in {VALUES}: this layout is not known",
                t.name
            ),
        ));
    }
    let named: HashMap<&str, &RawTensor> =
        file.tensors.iter().map(|t| (t.name.as_str(), t)).collect();
    let get = |parameter: &str, end: &str| named.get(format!("{parameter}{end}").as_str()).copied();
    let mut patches = Vec::new();
    for t in &file.tensors {
        let lacks = |end: &str| {
            Error::bad_file(
                name,
                format!("{} has no partner that ends in {end}: the delta is damaged", t.name),
            )
        };
        if let Some(parameter) = t.name.strip_suffix(INDICES) {
            let values = get(parameter, VALUES).ok_or_else(|| lacks(VALUES))?;
            patches.push(Patch {
                name: parameter.into(),
                shape: None,
                indices: t.clone(),
                values: values.clone(),
            });
        } else if let Some(parameter) = t.name.strip_suffix(VALUES) {
            get(parameter, INDICES).ok_or_else(|| lacks(INDICES))?;
        }
    }
    Ok(patches)
}
