//! One pair to be analysed.

use crate::checkpoint::pairing::Pair;
use crate::host::Host;
use crate::settings::Settings;

/// A pair and its surroundings, which every step of its analysis needs.
pub struct Job<'a, B> {
    /// The device that multiplies.
    pub device: &'a B,
    /// The base's tensor and its tuned partner.
    pub pair: &'a Pair,
    /// The user's settings.
    pub settings: &'a Settings,
    /// Memory, clock and progress of the program around it.
    pub host: &'a Host<'a>,
}

impl<B> Job<'_, B> {
    /// Rows and columns of the pair.
    pub fn shape(&self) -> (usize, usize) {
        (self.pair.rows() as usize, self.pair.cols() as usize)
    }

    /// Tells the host the stage, and the share of the pair that is done.
    pub fn tell(&self, stage: &str, share: f64) {
        (self.host.progress)(stage, share);
    }
}
