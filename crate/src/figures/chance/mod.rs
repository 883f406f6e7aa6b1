//! Chance levels: figures that an update with independent Gaussian entries of the same norm would
//! give, in closed forms and in draws of single angles (docs/numerics.md#10-chance-levels).
//!
//! τ² = ‖Δ‖_F²/(mn) is the variance of an entry. Rotation and spectral shift are taken to first
//! order in Δ (Stewart & Sun 1990, ch. V); the spectrum of the update is that of Marchenko & Pastur
//! 1967.

pub mod report;
pub mod rotation;
pub mod spectral;
pub mod spectrum;
pub mod update;
