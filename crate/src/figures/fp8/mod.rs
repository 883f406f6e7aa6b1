//! FP8 tensors: codes and scales.

pub mod pass;
pub mod report;
