//! Writes the report and its table: checked before anything is computed, written beside the file
//! and then put in its place, and kept elsewhere where that fails.

use crate::native::endings::has_ending;
use crate::native::inputs::is_input;
use crate::native::options::Options;
use flate2::Compression;
use flate2::write::GzEncoder;
use gatescope::error::Error;
use gatescope::report::{Report, write_csv, write_html, write_json};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The page of a report, which `npm run build` makes.
#[cfg(feature = "html")]
const TEMPLATE: Option<&str> = Some(include_str!("../../../dist/standalone.html"));
#[cfg(not(feature = "html"))]
const TEMPLATE: Option<&str> = None;

/// Writes content packed by gzip, as it comes.
fn write_packed(content: &Content<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut packing = GzEncoder::new(out, Compression::default());
    content(&mut packing)?;
    packing.finish()?;
    Ok(())
}

/// Makes an error of a file.
fn bad_file(file: &Path, what: impl Into<String>) -> Error {
    Error::BadFile { file: file.display().to_string(), what: what.into() }
}

/// Says what to do where HTML is asked for and the page is not in the program.
fn check_template(out: &Path) -> Result<(), Error> {
    if TEMPLATE.is_some() || Form::of(out) != Form::Html {
        return Ok(());
    }
    let what = "this program was built without the page that it needs for HTML. Run `npm run \
                build` and then `cargo build --release --features html`, or write .json and \
                export it from the page";
    Err(bad_file(out, what))
}

/// A file that is going to be written.
struct Target {
    /// As the user named it.
    name: PathBuf,
    /// Where it lies, links followed.
    path: PathBuf,
    /// Whether it is no plain file, but a device or a pipe, which nothing can replace.
    device: bool,
}

impl Target {
    /// Checks that the file can be written.
    fn new(name: &Path, options: &Options) -> Result<Self, Error> {
        let failed = |error: io::Error| bad_file(name, error.to_string());
        if name.is_dir() {
            let what = "is a folder, but has to be a file: name one in it, as report.json";
            return Err(bad_file(name, what));
        }
        let exists = name.exists();
        let path = if exists { fs::canonicalize(name).map_err(failed)? } else { name.into() };
        let device = exists && !path.is_file();
        let target = Self { name: name.into(), path, device };
        if device {
            return Ok(target);
        }
        let folder = target.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            let what = format!("there is no folder {}: make it first", folder.display());
            return Err(bad_file(name, what));
        }
        if exists && is_input(&target.path, options) {
            let what = "is one of the checkpoints' own files, which the report would replace: \
                        give it another name";
            return Err(bad_file(name, what));
        }
        if exists && fs::metadata(&target.path).map_err(failed)?.permissions().readonly() {
            return Err(bad_file(name, "may only be read: give another name"));
        }
        // Whether the folder takes files, only a file can tell.
        let part = target.part();
        let unwritable = |e: io::Error| bad_file(name, format!("can't be written: {e}"));
        File::create(&part).and_then(|_| fs::remove_file(&part)).map_err(unwritable)?;
        Ok(target)
    }

    /// The file beside it that is written first.
    fn part(&self) -> PathBuf {
        let mut part: OsString = self.path.clone().into_os_string();
        part.push(".part");
        part.into()
    }

    /// Writes the file: whole, or not at all.
    fn write(&self, content: &Content<'_>) -> io::Result<()> {
        if self.device {
            return write_to(File::options().write(true).open(&self.path)?, content);
        }
        let part = self.part();
        let written = File::create(&part)
            .and_then(|file| write_to(file, content))
            .and_then(|()| fs::rename(&part, &self.path));
        if written.is_err() {
            // Of a part nobody can make a report, and a full disk needs the room.
            let _ = fs::remove_file(&part);
        }
        written
    }

    /// Writes the file, or else one in the system's temporary folder.
    ///
    /// # Errors
    /// [`Error::BadFile`] where the file itself can't be written: it says where the other one is.
    fn write_or_keep(&self, what: &str, content: &Content<'_>) -> Result<(), Error> {
        let Err(error) = self.write(content) else { return Ok(()) };
        let mut name = OsString::from(format!("gatescope-{}-", std::process::id()));
        name.push(self.name.file_name().unwrap_or("report".as_ref()));
        let path = std::env::temp_dir().join(name);
        let kept = Self { name: path.clone(), path, device: false };
        let rest = match kept.write(content) {
            Ok(()) => format!("{what} was written to {} instead", kept.name.display()),
            Err(other) => {
                format!("{what} could not be written to {} either: {other}", kept.name.display())
            }
        };
        Err(bad_file(&self.name, format!("could not be written: {error}; {rest}")))
    }
}

/// Writes the content of a file.
type Content<'a> = dyn Fn(&mut dyn Write) -> io::Result<()> + 'a;

fn write_to(file: File, content: &Content<'_>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, file);
    content(&mut out)?;
    out.into_inner()?.flush()
}

/// The form of a file, which its ending asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    PackedJson,
    Html,
    Table,
}

impl Form {
    fn of(file: &Path) -> Self {
        if has_ending(file, "html") {
            Self::Html
        } else if has_ending(file, "gz") {
            Self::PackedJson
        } else if has_ending(file, "csv") {
            Self::Table
        } else {
            Self::Json
        }
    }

    /// Writes a report.
    fn write(self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        match (self, TEMPLATE) {
            (Self::Table, _) => write_csv(report, out),
            (Self::Html, Some(template)) => write_html(template, report, out),
            (Self::PackedJson, _) => write_packed(&|out| write_json(report, out), out),
            _ => write_json(report, out),
        }
    }
}

/// The files that the program writes.
pub struct Outputs {
    files: Vec<(Target, Form)>,
}

impl Outputs {
    /// Checks before anything is computed that the files can be written.
    ///
    /// # Errors
    /// [`Error::BadFile`] by the name of the file, with the reason.
    pub fn check(options: &Options) -> Result<Self, Error> {
        let reports = options.out.iter().map(|name| (name, Form::of(name)));
        let tables = options.csv.iter().map(|name| (name, Form::Table));
        let mut files: Vec<(Target, Form)> = Vec::new();
        for (name, form) in reports.chain(tables) {
            check_template(name)?;
            let target = Target::new(name, options)?;
            if files.iter().any(|(other, _)| other.path == target.path && !target.device) {
                return Err(bad_file(name, "is named twice: give each file another name"));
            }
            files.push((target, form));
        }
        Ok(Self { files })
    }

    /// The first report among the files that is no device.
    fn first_report(&self) -> Option<&Path> {
        let is_report = |(target, form): &&(Target, Form)| *form != Form::Table && !target.device;
        self.files.iter().find(is_report).map(|(target, _)| target.path.as_path())
    }

    /// The file beside the report in which finished tensors are kept until it is written; `None`
    /// where no report is, or it goes to a device.
    pub fn kept_path(&self) -> Option<PathBuf> {
        let mut path = self.first_report()?.as_os_str().to_os_string();
        path.push(".kept.jsonl");
        Some(path.into())
    }

    /// Whether a file may be what stdout leads to, so that nothing else is to be written there.
    pub fn take_stdout(&self) -> bool {
        self.files.iter().any(|(target, _)| target.device)
    }

    /// Writes the report in every form that is asked for.
    ///
    /// # Errors
    /// [`Error::BadFile`] where a file can't be written; the others are.
    pub fn write(&self, report: &Report) -> Result<(), Error> {
        let mut failed: Option<(String, String)> = None;
        for (target, form) in &self.files {
            let what = if *form == Form::Table { "the table" } else { "the report" };
            match (target.write_or_keep(what, &|out| form.write(report, out)), &mut failed) {
                (Ok(()), _) => {}
                (Err(Error::BadFile { file, what }), None) => failed = Some((file, what)),
                (Err(other), Some((_, what))) => what.push_str(&format!(". {other}")),
                (Err(other), None) => return Err(other),
            }
        }
        failed.map_or(Ok(()), |(file, what)| Err(Error::BadFile { file, what }))
    }

    /// Writes what was found where no report can be made of it, beside the report's file.
    ///
    /// # Errors
    /// [`Error::BadFile`] where the file itself can't be written.
    pub fn keep_results(&self, results: &impl serde::Serialize) -> Result<PathBuf, Error> {
        let beside = self.first_report().map(Path::to_path_buf);
        let beside = beside.unwrap_or_else(|| std::env::temp_dir().join("gatescope"));
        let mut path = beside.into_os_string();
        path.push(".results.json");
        let target = Target { name: path.clone().into(), path: path.into(), device: false };
        target.write_or_keep("what was found", &|out| Ok(serde_json::to_writer(out, results)?))?;
        Ok(target.path)
    }
}
