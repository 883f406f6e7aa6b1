//! Checkpoints that the ranks of a job saved, each its own part: the parts are joined on the fly.

mod dcp;
mod dtensor;
mod join;
pub mod kinds;
mod metadata;
mod model_path;
mod placements;
mod rank_name;
mod ranks;
mod saved;
mod slices;
// They read files.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

pub(crate) use slices::join_slices;

use crate::checkpoint::formats::distributed::join::refuse;
use crate::checkpoint::formats::distributed::kinds::find_kind;
use crate::checkpoint::header::File;
use crate::checkpoint::kinds::{Kind, Support};
use crate::checkpoint::summary::LeftOut;
use crate::error::Error;
use crate::source::Source;
use std::rc::Rc;

/// True for a file that [`read_parts`] reads or refuses: no other reader does.
pub(crate) fn is_part(name: &str) -> bool {
    find_kind(name).is_some() && !name.ends_with(".safetensors")
}

/// Reads and joins the parts of ranks among `weights`, with the descriptions of them among
/// `sources`. Returns each save's tensors as those of one file, with what can't be joined.
pub(crate) async fn read_parts(
    weights: &[Rc<dyn Source>],
    sources: &[Rc<dyn Source>],
) -> (Vec<File>, Vec<LeftOut>) {
    let (file, mut problems) = ranks::read_ranks(weights).await;
    let (mut files, more) = dcp::read_folders(weights, sources).await;
    files.extend(file);
    problems.extend(more);
    problems.extend(list_refused(weights));
    (files, problems)
}

/// Lists the files of kinds that are refused, one entry a kind.
fn list_refused(files: &[Rc<dyn Source>]) -> Vec<LeftOut> {
    let mut refused: Vec<(&Kind, Vec<&str>)> = Vec::new();
    for name in files.iter().map(|file| file.name()) {
        let Some(kind) = find_kind(name).filter(|kind| kind.support == Support::Refused) else {
            continue;
        };
        match refused.iter_mut().find(|(known, _)| known.what == kind.what) {
            Some((_, names)) => names.push(name),
            None => refused.push((kind, vec![name])),
        }
    }
    let list = |(kind, names): (&Kind, Vec<&str>)| {
        let others = match names.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        refuse(names[0], format!("{}{others} is of {}: {}", names[0], kind.what, kind.detail))
    };
    refused.into_iter().map(list).collect()
}

/// The error of a folder without weights that are read, where it has files of a kind that is
/// refused.
pub(crate) fn explain_refused(name: &str, sources: &[Rc<dyn Source>]) -> Option<Error> {
    list_refused(sources).into_iter().next().map(|left_out| Error::bad_file(name, left_out.detail))
}
