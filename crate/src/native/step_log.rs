//! A table with a row for each step, as CSV or JSON lines, to which rows are added one by one.

use crate::native::endings::has_ending;
use gatescope::error::Error;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Columns with their values, in order; the first one is `step`.
pub type Row = Vec<(String, Value)>;

/// The table.
pub struct StepLog {
    path: PathBuf,
    file: File,
    is_json: bool,
    /// The columns of CSV, once there are some.
    columns: Vec<String>,
    steps: HashSet<u64>,
}

impl StepLog {
    /// Opens a table, or begins one, for this program alone. A row that was being written when an
    /// earlier program ended is taken away.
    ///
    /// # Errors
    /// [`Error::BadFile`] where it can't be written, is another's, or is no such table.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let bad = |what: String| Error::BadFile { file: path.display().to_string(), what };
        let unwritable = |error: io::Error| bad(format!("can't be written: {error}"));
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(unwritable)?;
        if file.try_lock().is_err() {
            return Err(bad("another program writes to it: end that one first".into()));
        }
        let is_json = has_ending(path, "jsonl");
        let start: &[u8] = if is_json { b"{\"" } else { b"step," };
        // Its beginning tells whether it is such a table: it may be a file of weights.
        let mut text = vec![0; start.len()];
        let other =
            || bad("is no table of steps that this command wrote: give it another name".into());
        if file.metadata().map_err(unwritable)?.len() > 0 {
            file.read_exact(&mut text).map_err(|_| other())?;
            if text != start {
                return Err(other());
            }
            file.read_to_end(&mut text).map_err(unwritable)?;
        } else {
            text.clear();
        }
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        text.truncate(whole);
        let mut log =
            Self { path: path.into(), file, is_json, columns: Vec::new(), steps: HashSet::new() };
        log.read(&text).ok_or_else(other)?;
        // Only what is a table of this program is changed.
        log.file.set_len(whole as u64).map_err(unwritable)?;
        log.file.seek(SeekFrom::End(0)).map_err(unwritable)?;
        Ok(log)
    }

    /// Reads columns and steps; `None` for what is no such table.
    fn read(&mut self, text: &[u8]) -> Option<()> {
        if self.is_json {
            for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                let row: Map<String, Value> = serde_json::from_slice(line).ok()?;
                self.steps.insert(row.get("step")?.as_u64()?);
            }
            return Some(());
        }
        let mut reader = csv::Reader::from_reader(text);
        self.columns = reader.headers().ok()?.iter().map(String::from).collect();
        if self.columns.first().is_some_and(|name| name != "step") {
            return None;
        }
        for row in reader.records() {
            self.steps.insert(row.ok()?.get(0)?.parse().ok()?);
        }
        Some(())
    }

    /// Whether a step has a row.
    pub fn has(&self, step: u64) -> bool {
        self.steps.contains(&step)
    }

    /// Adds the row of a step.
    ///
    /// # Errors
    /// [`Error::BadFile`] where it can't be written, or its columns are not those of the table.
    pub fn add(&mut self, step: u64, row: &Row) -> Result<(), Error> {
        let bad = |what: String| Error::BadFile { file: self.path.display().to_string(), what };
        let text = if self.is_json {
            let row: Map<String, Value> = row.iter().cloned().collect();
            format!("{}\n", Value::from(row)).into_bytes()
        } else {
            let columns: Vec<String> = row.iter().map(|(name, _)| name.clone()).collect();
            let mut writer = csv::Writer::from_writer(Vec::new());
            let written =
                if self.columns.is_empty() { writer.write_record(&columns) } else { Ok(()) };
            if !self.columns.is_empty() && self.columns != columns {
                return Err(bad("has other columns than this row: give --log another name, or \
                                one that ends in .jsonl"
                    .into()));
            }
            let cells = row.iter().map(|(_, value)| match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            let written = written.and_then(|()| writer.write_record(cells));
            written.map_err(|error| bad(error.to_string()))?;
            self.columns = columns;
            writer.into_inner().map_err(|error| bad(error.to_string()))?
        };
        self.file.write_all(&text).map_err(|error| bad(format!("can't be written: {error}")))?;
        self.steps.insert(step);
        Ok(())
    }
}
