//! Downsampled maps: where in the matrix weights changed.

pub mod compute;
pub mod report;
