//! Opens the checkpoints that the command line names.

use crate::native::faults::catch_panic;
use crate::native::options::Options;
use gatescope::analysis::Inputs;
use gatescope::checkpoint::Checkpoint;
use gatescope::checkpoint::layout::may_hold_weights;
use gatescope::checkpoint::names::natural::compare_names;
use gatescope::error::Error;
use gatescope::source::folder::{Place, Rules, find_places, name_apart};
use std::path::Path;
use std::sync::OnceLock;

const RULES: Rules = Rules { may_hold_weights, compare: compare_names };

/// The checkpoints of a command line, found once: each thread opens the same ones, whatever is
/// saved meanwhile.
struct Places {
    base: Option<Place>,
    tuned: Vec<Place>,
    fisher: Option<Place>,
}

static PLACES: OnceLock<Result<Places, Error>> = OnceLock::new();

/// Finds the one checkpoint that a path stands for.
fn find_one(path: &Path, role: &str) -> Result<Place, Error> {
    let mut places = find_checkpoints(path)?;
    if places.len() == 1 {
        return Ok(places.remove(0));
    }
    let shown: Vec<&str> = places.iter().take(4).map(|place| place.name.as_str()).collect();
    let what = format!(
        "it holds {} checkpoints ({}{}), and {role} is one: give one of these folders",
        places.len(),
        shown.join(", "),
        if places.len() > shown.len() { " …" } else { "" }
    );
    Err(Error::BadFile { file: path.display().to_string(), what })
}

/// Finds the checkpoints that a path stands for.
pub fn find_checkpoints(path: &Path) -> Result<Vec<Place>, Error> {
    find_places(path, RULES)
}

fn find_all(options: &Options) -> Result<Places, Error> {
    let mut tuned = Vec::new();
    for path in &options.tuned {
        tuned.extend(find_checkpoints(path)?);
    }
    let names = name_apart(&tuned);
    tuned.iter_mut().zip(names).for_each(|(place, name)| place.name = name);
    Ok(Places {
        base: options.base.as_deref().map(|path| find_one(path, "the base")).transpose()?,
        tuned,
        fisher: options.fisher.as_deref().map(|path| find_one(path, "the Fisher")).transpose()?,
    })
}

/// Opens one checkpoint. A panic on the way is an error of it.
fn open(place: &Place) -> Result<Checkpoint, Error> {
    let files = place.open_files()?;
    catch_panic(|| pollster::block_on(Checkpoint::open(&place.name, files))).unwrap_or_else(
        |error| Err(Error::BadFile { file: place.name.clone(), what: error.to_string() }),
    )
}

/// Opens all checkpoints.
pub fn open_inputs(options: &Options) -> Result<Inputs, Error> {
    let places = PLACES.get_or_init(|| find_all(options)).as_ref().map_err(Clone::clone)?;
    let tuned = places.tuned.iter().map(open).collect::<Result<_, _>>()?;
    let fisher = places.fisher.as_ref().map(open).transpose()?;
    Inputs::new(places.base.as_ref().map(open).transpose()?, tuned, fisher)
}
