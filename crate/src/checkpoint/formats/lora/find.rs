//! Tells an adapter from a whole checkpoint, and refuses those that can't be read.

use crate::checkpoint::formats::lora::config::AdapterConfig;
use crate::checkpoint::formats::lora::keys::{Part, take_apart};
use crate::checkpoint::formats::lora::kinds::{MERGE, name_other_kind};
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::raw::RawTensor;
use crate::error::Error;
use crate::source::Source;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The file that makes a folder an adapter.
const CONFIG: &str = "adapter_config.json";

/// True for the name of a tensor that an adapter of any kind has, and no whole checkpoint.
fn is_adapter_name(name: &str) -> bool {
    take_apart(name).part != Part::Whole
        || name.starts_with("base_model.")
        || name_other_kind(name).is_some()
}

/// Reads adapter_config.json where the tensors are an adapter's. A whole model may keep the file of
/// an adapter that was merged into it.
///
/// # Errors
/// [`Error::BadFile`] where the adapter is of a kind that is not read, or holds several adapters.
pub async fn find_config(
    sources: &[Rc<dyn Source>],
    tensors: &[RawTensor],
) -> Result<Option<AdapterConfig>, Error> {
    let is_config = |s: &&Rc<dyn Source>| {
        s.name().rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(CONFIG))
    };
    let Some(source) = sources.iter().find(is_config) else { return Ok(None) };
    if !tensors.iter().any(|t| is_adapter_name(&t.name)) {
        return Ok(None);
    }
    let config = AdapterConfig::parse(source.name(), &source.read(0..source.len()).await?)?;
    let mut names = BTreeSet::new();
    for t in tensors {
        if let Some((what, advice)) = name_other_kind(&t.name) {
            let what = format!("it is {what} (it holds {}): {advice}", t.name);
            return Err(Error::bad_file(t.source.name(), what));
        }
        names.extend(take_apart(&t.name).adapter);
    }
    if names.len() > 1 {
        let list = Vec::from_iter(names).join(", ");
        let first = tensors.first().map_or("", |t| t.source.name());
        return Err(Error::bad_file(
            first,
            format!(
                "it holds several adapters ({list}), and a run is one: save each by itself \
                 (save_pretrained with selected_adapters) and give them as runs"
            ),
        ));
    }
    Ok(Some(config))
}

/// Refuses a tuned checkpoint whose tensors are an adapter's where adapter_config.json is missing.
/// A model may have such tensors for good: then its base has them, too.
///
/// # Errors
/// [`Error::BadFile`] that says what the tensors are and what is missing.
pub fn check_for_config(tuned: &Checkpoint, base: &Checkpoint) -> Result<(), Error> {
    if tuned.adapter.is_some() || base.raw.iter().any(|t| is_adapter_name(&t.name)) {
        return Ok(());
    }
    let Some(t) = tuned.raw.iter().find(|t| is_adapter_name(&t.name)) else { return Ok(()) };
    let refuse = |what: String| Err(Error::bad_file(t.source.name(), what));
    if let Some((what, advice)) = name_other_kind(&t.name) {
        return refuse(format!("it is {what} (it holds {}): {advice}", t.name));
    }
    let wrapped = tuned.raw.iter().find(|t| t.name.contains(".base_layer."));
    refuse(match wrapped {
        Some(whole) => format!(
            "it is an unmerged PEFT model in full (it holds {} beside {}), and adapter_config.json, \
             which gives the scale of its factors, is missing: put it beside this file, or {MERGE}",
            whole.name, t.name
        ),
        None => format!(
            "its tensors are those of an adapter ({}), and adapter_config.json, which gives their \
             scale, is missing: put it beside this file",
            t.name
        ),
    })
}
