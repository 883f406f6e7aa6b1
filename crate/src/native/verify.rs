//! `gatescope verify`: says whether files are those that a report was made of.

use crate::native::open::find_checkpoints;
use crate::native::read_report::read_report;
use crate::native::tell::{print, tell_all};
use clap::Parser;
use gatescope::checkpoint::{CheckpointSummary, FileSummary};
use gatescope::error::Error;
use gatescope::source::Source;
use gatescope::source::digest::digest_file;
use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;

/// Says for each file of a report's checkpoints whether a file of the given ones is the same, by
/// name, size, header and sampled bytes. Exit status 0 where all files of the given checkpoints
/// are, else 1.
#[derive(Parser, Debug)]
#[command(name = "gatescope verify", version)]
pub struct Options {
    /// The report: JSON, also packed by gzip, or an exported HTML file.
    report: PathBuf,
    /// Checkpoints as they were given for the analysis, in any order.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

/// The files of one path, by name, with what a report tells of a file.
type Given = HashMap<String, FileSummary>;

/// Reads what is known of the files that a report names. Others are passed over.
fn identify_given(sources: Vec<Rc<dyn Source>>, wanted: &[&FileSummary]) -> Given {
    let mut given = Given::new();
    for source in sources {
        if !wanted.iter().any(|file| file.name == source.name()) {
            continue;
        }
        // What can't be read has no digest, and is told to differ.
        let found = pollster::block_on(digest_file(source.as_ref())).ok();
        let summary = FileSummary {
            name: source.name().into(),
            bytes: source.len(),
            header_digest: found.as_ref().map(|found| found.header.clone()),
            sampled_digest: found.map(|found| found.sampled),
        };
        given.insert(summary.name.clone(), summary);
    }
    given
}

/// Compares a file with what the report tells of it.
fn compare(wanted: &FileSummary, given: &Given) -> Result<(), String> {
    let Some(found) = given.get(&wanted.name) else { return Err("missing".into()) };
    if found.bytes != wanted.bytes {
        return Err(format!("another size: {} bytes, not {}", found.bytes, wanted.bytes));
    }
    if found.header_digest.is_none() {
        return Err("can't be read".into());
    }
    if wanted.header_digest.is_none() || wanted.sampled_digest.is_none() {
        return Err("of the same size, but the report has no digest of it".into());
    }
    if found.header_digest != wanted.header_digest {
        return Err("another header".into());
    }
    if found.sampled_digest != wanted.sampled_digest {
        return Err("other weights: sampled bytes differ".into());
    }
    Ok(())
}

/// Prints a line for each file, and returns the exit status.
///
/// # Errors
/// Those of reading the report and of finding checkpoints.
pub fn verify(options: &Options) -> Result<ExitCode, Error> {
    let report = read_report(&options.report)?;
    let of_runs = report.runs.iter().map(|run| &run.checkpoint);
    let of_report: Vec<&CheckpointSummary> =
        report.base.iter().chain(of_runs).chain(&report.fisher).collect();
    let wanted: Vec<&FileSummary> = of_report.iter().flat_map(|one| &one.files).collect();
    let mut given = Vec::new();
    for path in &options.paths {
        for place in find_checkpoints(path)? {
            given.push((place.name.clone(), identify_given(place.open_files()?, &wanted)));
        }
    }
    // The given checkpoint that has most of a checkpoint's files stands for it, its name deciding
    // between equals: none of their files may be the same.
    let rate = |one: &CheckpointSummary, (name, files): &(String, Given)| {
        let same = one.files.iter().filter(|file| compare(file, files).is_ok()).count();
        let named = one.files.iter().filter(|file| files.contains_key(&file.name)).count();
        (same, usize::from(*name == one.name), named)
    };
    let mut used = vec![false; given.len()];
    let mut all_same = true;
    let mut order: Vec<&CheckpointSummary> = of_report.clone();
    order.sort_by_key(|one| {
        std::cmp::Reverse(given.iter().map(|given| rate(one, given)).max().unwrap_or_default())
    });
    for one in order {
        let best = (0..given.len())
            .filter(|i| !used[*i])
            .max_by_key(|i| rate(one, &given[*i]))
            .filter(|i| rate(one, &given[*i]) != (0, 0, 0));
        let Some(best) = best else {
            print([format!("{}: not checked, since it was not given", one.name)]);
            continue;
        };
        used[best] = true;
        for file in &one.files {
            let line = match compare(file, &given[best].1) {
                Ok(()) => "the same".into(),
                Err(what) => {
                    all_same = false;
                    what
                }
            };
            print([format!("{}/{}: {line}", one.name, file.name)]);
        }
    }
    for (name, _) in given.iter().zip(&used).filter(|(_, used)| !**used).map(|(one, _)| one) {
        all_same = false;
        print([format!("{name}: no checkpoint of the report")]);
    }
    if !all_same {
        tell_all("not all files are those of the report");
    }
    Ok(if all_same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
