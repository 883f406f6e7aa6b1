//! What the program says to the user: lines on stderr, text or JSON, and answers on stdout.

use crate::native::options::LogFormat;
use gatescope::report::escape_line;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::OnceLock;

/// How lines are written; text until it is set.
static FORMAT: OnceLock<LogFormat> = OnceLock::new();

/// The progress bar of a terminal, which gives way to lines.
static BAR: OnceLock<ProgressBar> = OnceLock::new();

/// Sets how lines are written, once.
pub fn set_format(format: LogFormat) {
    let _ = FORMAT.set(format);
}

/// Whether lines are JSON.
pub fn writes_json() -> bool {
    FORMAT.get() == Some(&LogFormat::Json)
}

/// Takes a progress bar that is drawn on stderr from now on.
pub fn show_bar(bar: ProgressBar) {
    let _ = BAR.set(bar);
}

/// The progress bar, where there is one.
pub fn find_bar() -> Option<&'static ProgressBar> {
    BAR.get()
}

/// Writes a line to stderr at once: the lines of several threads must not mix. A terminal that is
/// gone or full ends no analysis.
fn write_line(line: &str) {
    let line = format!("{line}\n");
    let write = || {
        let _ = std::io::stderr().write_all(line.as_bytes());
    };
    BAR.get().map_or_else(write, |bar| bar.suspend(write));
}

/// Writes an event as a line of JSON.
pub fn tell_event(event: &Value) {
    write_line(&event.to_string());
}

/// Says something to the user, as one line in which names from files do nothing.
pub fn tell(line: &str) {
    if writes_json() {
        tell_event(&json!({ "event": "message", "text": line }));
    } else {
        write_line(&escape_line(line));
    }
}

/// Says something that is not about one tensor, after the program's name.
pub fn tell_all(line: &str) {
    if writes_json() { tell(line) } else { tell(&format!("gatescope: {line}")) }
}

/// Prints lines to stdout, in which names from files do nothing. A reader that is gone ends
/// nothing: the exit status tells the rest.
pub fn print(lines: impl IntoIterator<Item = impl AsRef<str>>) {
    let mut text = String::new();
    for line in lines {
        text.push_str(&escape_line(line.as_ref()));
        text.push('\n');
    }
    let _ = std::io::stdout().write_all(text.as_bytes());
}
