//! The digest of a run: what was found in one is taken for what another would find.

use crate::native::options::Options;
use gatescope::analysis::Inputs;
use gatescope::checkpoint::Checkpoint;
use gatescope::error::Error;
use gatescope::report::{BackendInfo, GENERATOR, Shortened};
use gatescope::settings::Settings;
use gatescope::source::digest::digest;

/// The identity of a checkpoint; empty for none.
fn identify(checkpoint: Option<&Checkpoint>) -> Result<String, Error> {
    checkpoint.map_or_else(|| Ok(String::new()), |c| pollster::block_on(c.identify()))
}

/// Makes the digest of inputs, settings, memory, device and program. The digests of the files go
/// before ([`Inputs::identify_files`]).
///
/// # Errors
/// [`Error::Read`] by the file's name.
pub fn digest_run(
    inputs: &Inputs,
    settings: &Settings,
    options: &Options,
    info: &BackendInfo,
    shortened: Option<Shortened>,
) -> Result<String, Error> {
    let mut parts = vec![
        GENERATOR.to_string(),
        format!("{settings:?} {} {:?} {shortened:?}", options.memory, (info.kind, &info.adapter)),
        format!("{:?}", options.only),
    ];
    // Each role has its place, also where there is nothing in it.
    for checkpoint in [inputs.base.as_ref(), inputs.fisher.as_ref()] {
        parts.push(identify(checkpoint)?);
    }
    for checkpoint in &inputs.tuned {
        parts.push(identify(Some(checkpoint))?);
    }
    Ok(digest(parts.join("\n").as_bytes()))
}
