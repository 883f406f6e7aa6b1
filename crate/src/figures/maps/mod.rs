//! Where in the matrix weights changed: downsampled maps.

pub mod compute;
pub mod report;
