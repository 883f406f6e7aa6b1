//! Writes the report and its table: checked before anything is computed, written beside the file
//! and then put in its place, and kept elsewhere where that fails.

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

/// Whether the file's ending asks for HTML.
fn is_html(file: &Path) -> bool {
    file.extension().is_some_and(|end| end.eq_ignore_ascii_case("html"))
}

/// Whether the file's ending asks for a packed file.
fn is_packed(file: &Path) -> bool {
    file.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"))
}

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
    if TEMPLATE.is_some() || !is_html(out) {
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

/// The files that the program writes.
pub struct Outputs {
    report: Target,
    table: Option<Target>,
}

impl Outputs {
    /// Checks before anything is computed that the files can be written.
    ///
    /// # Errors
    /// [`Error::BadFile`] by the name of the file, with the reason.
    pub fn check(options: &Options) -> Result<Self, Error> {
        check_template(&options.out)?;
        let report = Target::new(&options.out, options)?;
        let table = options.csv.as_deref().map(|csv| Target::new(csv, options)).transpose()?;
        match &table {
            Some(table) if table.path == report.path && !table.device => {
                Err(bad_file(&options.out, "is named for the report and for the table"))
            }
            _ => Ok(Self { report, table }),
        }
    }

    /// The file beside the report in which finished tensors are kept until it is written; `None`
    /// where the report goes to a device.
    pub fn kept_path(&self) -> Option<PathBuf> {
        let mut path = self.report.path.clone().into_os_string();
        path.push(".kept.jsonl");
        (!self.report.device).then(|| path.into())
    }

    /// Writes the report as JSON or as HTML, and its table where one is asked for.
    ///
    /// # Errors
    /// [`Error::BadFile`] where a file can't be written; the others are.
    pub fn write(&self, report: &Report) -> Result<(), Error> {
        let template = TEMPLATE.filter(|_| is_html(&self.report.name));
        let packed = is_packed(&self.report.name);
        let written = self.report.write_or_keep("the report", &|out| match template {
            Some(template) => write_html(template, report, out),
            None if packed => write_packed(&|out| write_json(report, out), out),
            None => write_json(report, out),
        });
        let table = self.table.as_ref().map_or(Ok(()), |table| {
            table.write_or_keep("the table", &|out| write_csv(report, out))
        });
        match (written, table) {
            (Err(Error::BadFile { file, what }), Err(table)) => {
                Err(Error::BadFile { file, what: format!("{what}. {table}") })
            }
            (written, table) => written.and(table),
        }
    }

    /// Writes what was found where no report can be made of it, beside the report's file.
    ///
    /// # Errors
    /// [`Error::BadFile`] where the file itself can't be written.
    pub fn keep_results(&self, results: &impl serde::Serialize) -> Result<PathBuf, Error> {
        let mut path = self.report.path.clone().into_os_string();
        path.push(".results.json");
        let target = Target { name: path.clone().into(), path: path.into(), device: false };
        target.write_or_keep("what was found", &|out| Ok(serde_json::to_writer(out, results)?))?;
        Ok(target.path)
    }
}
