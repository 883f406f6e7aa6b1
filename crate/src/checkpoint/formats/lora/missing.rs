//! Adapters whose adapter_config.json is missing.

use crate::checkpoint::formats::lora::kinds::{MERGE, is_factor, name_other_kind};
use crate::checkpoint::open::Checkpoint;
use crate::error::Error;

/// Refuses a tuned checkpoint whose tensors are an adapter's where adapter_config.json is missing.
/// A model may have such tensors for good: then its base has them, too.
///
/// # Errors
/// [`Error::BadFile`] that says what the tensors are and what is missing.
pub fn check_for_config(tuned: &Checkpoint, base: &Checkpoint) -> Result<(), Error> {
    if tuned.adapter.is_some() || base.raw.iter().any(|t| is_factor(&t.name)) {
        return Ok(());
    }
    let Some(t) = tuned.raw.iter().find(|t| is_factor(&t.name)) else { return Ok(()) };
    let refuse = |what: String| Err(Error::bad_file(t.source.name(), what));
    if let Some((what, advice)) = name_other_kind(&t.name) {
        return refuse(format!("it is {what} (it holds {}): {advice}", t.name));
    }
    let wrapped = tuned.raw.iter().find(|t| t.name.contains(".base_layer."));
    refuse(match wrapped {
        Some(whole) => format!(
            "it is an unmerged PEFT model in full (it holds {} beside {}), and \
             adapter_config.json, which gives the scale of its factors, is missing: put it beside \
             this file, or {MERGE}",
            whole.name, t.name
        ),
        None => format!(
            "its tensors are those of an adapter ({}), and adapter_config.json, which gives their \
             scale, is missing: put it beside this file",
            t.name
        ),
    })
}
