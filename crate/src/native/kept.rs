//! Finished tensors, kept beside the report until it is written: the same command goes on from
//! them, whatever ended the program.
//!
//! The file has a line for what it is of, and then one for each task, in JSON.

use crate::native::tell::tell_all;
use gatescope::analysis::{Task, TaskResults};
use gatescope::figures::tensor::Status;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Results of some tasks, and the seconds that each stage took.
#[derive(Default, Serialize, Deserialize)]
pub struct Found {
    pub results: TaskResults,
    pub stages: BTreeMap<String, f64>,
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    format: String,
    /// The digest of inputs, settings, device and program.
    run: String,
}

const FORMAT: &str = "gatescope-kept";

/// Any other line.
#[derive(Serialize, Deserialize)]
struct Line {
    id: usize,
    name: String,
    found: Found,
}

/// The file of finished tensors.
pub struct Kept {
    path: PathBuf,
    /// `None` where nothing can be kept.
    file: Mutex<Option<File>>,
}

impl Kept {
    /// Opens the file, and takes from it what was found of `tasks` in a run of the same digest.
    /// What is of another run is replaced. Where the file can't be used, nothing is kept, and a
    /// line says so.
    pub fn open(path: Option<PathBuf>, run: &str, tasks: &[Task]) -> (Self, HashMap<usize, Found>) {
        let nothing = Self { path: PathBuf::new(), file: Mutex::new(None) };
        let Some(path) = path else { return (nothing, HashMap::new()) };
        match open_file(&path, run, tasks) {
            Ok((file, found)) => (Self { path, file: Mutex::new(Some(file)) }, found),
            Err(error) => {
                let file = path.display();
                tell_all(&format!("{file}: {error}, so finished tensors are not kept"));
                (nothing, HashMap::new())
            }
        }
    }

    /// Where finished tensors are kept; `None` where they are not.
    pub fn place(&self) -> Option<&Path> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.is_some().then_some(&*self.path)
    }

    /// Keeps what was found of a task. Of a task that failed nothing is kept: it is tried again.
    pub fn add(&self, task: &Task, found: &mut Found) {
        if found.results.tensors.iter().any(|tensor| tensor.value.status == Status::Failed) {
            return;
        }
        if self.place().is_none() {
            return;
        }
        let line = Line { id: task.id, name: task.name().into(), found: std::mem::take(found) };
        let written = serde_json::to_vec(&line).map_err(io::Error::from);
        *found = line.found;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = &mut *file else { return };
        let written = written.and_then(|mut text| {
            text.push(b'\n');
            open.write_all(&text)
        });
        if let Err(error) = written {
            *file = None;
            let path = self.path.display();
            tell_all(&format!("{path}: {error}, so no more finished tensors are kept"));
        }
    }

    /// Removes the file: the report has all that it holds.
    pub fn remove(self) {
        if self.file.into_inner().unwrap_or_else(PoisonError::into_inner).is_some() {
            let _ = fs::remove_file(self.path);
        }
    }
}

/// Opens the file for this run alone, and reads it.
fn open_file(path: &Path, run: &str, tasks: &[Task]) -> io::Result<(File, HashMap<usize, Found>)> {
    let mut file =
        File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    if file.try_lock().is_err() {
        return Err(io::Error::other("another run keeps its finished tensors there"));
    }
    let (end, found) = read_lines(&file, run, tasks)?;
    // A line that was being written when the program ended goes.
    file.set_len(end)?;
    file.seek(io::SeekFrom::Start(end))?;
    if end == 0 {
        let head = Head { format: FORMAT.into(), run: run.into() };
        file.write_all(format!("{}\n", serde_json::to_string(&head)?).as_bytes())?;
    }
    Ok((file, found))
}

/// Reads what the file holds of the run: the bytes up to the last whole line, and what was found by
/// the place of its task. Nothing of a file of another run.
fn read_lines(file: &File, run: &str, tasks: &[Task]) -> io::Result<(u64, HashMap<usize, Found>)> {
    let by_id: HashMap<usize, &Task> = tasks.iter().map(|task| (task.id, task)).collect();
    let mut lines = BufReader::new(file);
    let mut text = Vec::new();
    let mut end = lines.read_until(b'\n', &mut text)? as u64;
    let head: Option<Head> = serde_json::from_slice(&text).ok();
    if head.is_none() && text.ends_with(b"\n") {
        return Err(io::Error::other("it is none of this program's files"));
    }
    if !text.ends_with(b"\n") || head.is_none_or(|head| head.format != FORMAT || head.run != run) {
        return Ok((0, HashMap::new()));
    }
    let mut found = HashMap::new();
    loop {
        text.clear();
        let length = lines.read_until(b'\n', &mut text)? as u64;
        if !text.ends_with(b"\n") {
            return Ok((end, found));
        }
        end += length;
        let Ok(line) = serde_json::from_slice::<Line>(&text) else { continue };
        if by_id.get(&line.id).is_some_and(|task| is_whole(&line, task)) {
            found.insert(line.id, line.found);
        }
    }
}

/// Whether a line has the results of all runs of a task.
fn is_whole(line: &Line, task: &Task) -> bool {
    let tensors = &line.found.results.tensors;
    line.name == task.name()
        && tensors.iter().map(|tensor| tensor.run).eq(task.runs())
        && tensors.iter().all(|tensor| tensor.value.name == line.name)
}
