//! What the program says to the user: lines on stderr.

use gatescope::report::escape_line;
use std::io::Write;

/// Says something to the user, as one line in which names from files do nothing. A terminal that is
/// gone or full ends no analysis.
pub fn tell(line: &str) {
    // At once: the lines of several threads must not mix.
    let line = format!("{}\n", escape_line(line));
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Says something that is not about one tensor, after the program's name.
pub fn tell_all(line: &str) {
    tell(&format!("gatescope: {line}"));
}
