//! Opens the checkpoints that the command line names.

use crate::native::options::Options;
use gatescope::analysis::Inputs;
use gatescope::checkpoint::Checkpoint;
use gatescope::error::Error;
use gatescope::source::{FileSource, Source};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Opens the checkpoint in a folder or in one file.
fn open(path: &Path) -> Result<Checkpoint, Error> {
    let bad = |what: String| Error::BadFile { file: path.display().to_string(), what };
    let mut files: Vec<PathBuf> = if path.is_dir() {
        std::fs::read_dir(path)
            .map_err(|e| bad(e.to_string()))?
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| p.is_file())
            .collect()
    } else {
        vec![path.to_path_buf()]
    };
    files.sort();
    let mut sources: Vec<Rc<dyn Source>> = Vec::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".safetensors") || name.ends_with(".json") {
            sources.push(Rc::new(FileSource::open(&file, &name)?));
        }
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    pollster::block_on(Checkpoint::open(&name, sources))
}

/// Opens all checkpoints.
pub fn open_inputs(options: &Options) -> Result<Inputs, Error> {
    let tuned = options.tuned.iter().map(|p| open(p)).collect::<Result<_, _>>()?;
    let fisher = options.fisher.as_deref().map(open).transpose()?;
    Inputs::new(options.base.as_deref().map(open).transpose()?, tuned, fisher)
}
