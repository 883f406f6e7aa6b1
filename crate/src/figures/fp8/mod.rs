//! FP8 tensors: codes and scales that agree.

pub mod pass;
pub mod report;
