//! Tells an adapter from a whole checkpoint, and refuses those that can't be read.

use crate::checkpoint::formats::lora::config::AdapterConfig;
use crate::checkpoint::formats::lora::keys::{Part, take_apart};
use crate::checkpoint::formats::lora::kinds::name_other_kind;
use crate::checkpoint::raw::RawTensor;
use crate::error::Error;
use crate::source::{MOST_CONFIG, Source, is_called, read_whole};
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
    let Some(source) = sources.iter().find(|s| is_called(s.as_ref(), CONFIG)) else {
        return Ok(None);
    };
    if !tensors.iter().any(|t| is_adapter_name(&t.name)) {
        return Ok(None);
    }
    let text = read_whole(source.as_ref(), MOST_CONFIG).await?;
    let config = AdapterConfig::parse(source.name(), &text)?;
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
