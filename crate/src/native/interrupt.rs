//! Signals that ask the program to end: the first one ends the analysis and what is finished is
//! written, the second one ends the program.

use crate::native::tell::tell_all;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit status of a run that a signal ended, which is what shells give for SIGINT.
pub const INTERRUPTED: u8 = 130;

/// What unwinds a task that is not going to be finished.
pub struct Stopped;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Listens to SIGINT, SIGTERM and SIGHUP, or Ctrl-C.
pub fn listen() {
    let listening = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
        tell_all(
            "ending: tensors that are finished are written as a partial report. A second signal \
             ends at once",
        );
    });
    if let Err(error) = listening {
        tell_all(&format!("signals can't be caught ({error}): they end the program at once"));
    }
}

/// Whether the user wants the analysis to end.
pub fn is_asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// Leaves the task at hand where the user wants the analysis to end: unwinds with [`Stopped`].
pub fn stop_if_asked() {
    if is_asked() {
        resume_unwind(Box::new(Stopped));
    }
}
