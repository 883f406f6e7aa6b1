//! The services that the analysis needs from the program around it.

/// The services that the analysis needs from the program around it.
pub struct Host<'a> {
    /// Bytes of the program's own memory that one tensor may take.
    pub memory: u64,
    /// Seconds of a monotonic clock.
    pub now: &'a dyn Fn() -> f64,
    /// Told the stage and how much of the tensor is done.
    pub progress: &'a dyn Fn(&str, f64),
}
