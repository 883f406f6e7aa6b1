//! Why no weights can be chosen: what there is, and what to do.

use crate::checkpoint::foreign;
use crate::checkpoint::index;
use crate::checkpoint::layout::sets::Set;
use crate::error::Error;
use crate::source::Source;
use std::rc::Rc;

/// The most names that a message lists.
const MOST_NAMES: usize = 4;

/// Lists some names.
fn list_names(names: &[&str]) -> String {
    let shown = names[..names.len().min(MOST_NAMES)].join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The error of a folder without a file of weights that can be read.
pub(crate) fn explain_nothing(name: &str, files: &[Rc<dyn Source>]) -> Error {
    let kinds: Vec<_> =
        files.iter().filter_map(|f| Some((f.name(), foreign::find_kind(f.name())?))).collect();
    // What tells most comes first: weights, then archives and documents, then states of training.
    let found = kinds
        .iter()
        .find(|(_, kind)| foreign::holds_weights(kind))
        .or_else(|| kinds.iter().find(|(_, kind)| !kind.detail.is_empty()));
    let what = match found {
        None if files.len() == 1 && !kinds.is_empty() => {
            format!("it holds the {}, not the weights of a model", kinds[0].1.what)
        }
        Some((_, kind)) if files.len() == 1 => {
            format!("it holds no weights that are read, but {}", kind.detail)
        }
        Some((_, kind)) => {
            let same: Vec<_> =
                kinds.iter().filter(|(_, k)| k.detail == kind.detail).map(|(n, _)| *n).collect();
            format!(
                "there are no weights in it that are read, but {}: {}",
                list_names(&same),
                kind.detail
            )
        }
        None if files.is_empty() => {
            "there are no weights in it: it is empty, or holds only links".into()
        }
        None if files.iter().any(|f| index::is_index(f.name())) => {
            "the index of its shards is in it, and none of the shards: add them".into()
        }
        None => {
            let names: Vec<_> = files.iter().map(|f| f.name()).collect();
            format!(
                "there are no weights in it (found: {}). Give a checkpoint's folder or its files \
                 of weights",
                list_names(&names)
            )
        }
    };
    Error::bad_file(name, what)
}

/// The error of a folder with two sets of weights of which neither is preferred.
pub(crate) fn explain_two(name: &str, a: &Set, b: &Set, files: &[Rc<dyn Source>]) -> Error {
    let what = format!(
        "it holds more than one set of weights, and nothing tells which is meant: {}; {}. Give \
         the files of one, or move the others away",
        a.describe(files),
        b.describe(files)
    );
    Error::bad_file(name, what)
}
