//! The services that the analysis needs from the program around it.

/// The services that the analysis needs from the program around it.
pub struct Host<'a> {
    /// Number of bytes of the program's own memory that one tensor may take.
    pub memory: u64,
    /// A monotonic clock, in seconds.
    pub now: &'a dyn Fn() -> f64,
    /// Takes the stage and the share of the tensor that is done.
    pub progress: &'a dyn Fn(&str, f64),
}
