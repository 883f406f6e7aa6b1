//! Layouts beside plain safetensors weights: LoRA adapters, sparse deltas, FP8 with scales.

pub mod fp8;
pub mod lora;
pub mod sparse_delta;
