//! LoRA adapters as PEFT saves them: a folder of adapter_config.json and adapter_model.safetensors.
//!
//! With its base an adapter is a checkpoint of the tensors that it moves: each reads as PEFT would
//! merge it, in the base's dtype, and keeps Δ in factors beside it where it is the base's own
//! weight and s·B·A alone. Layout:
//! <https://huggingface.co/docs/peft/developer_guides/checkpoint>.

#[cfg(test)]
mod against_peft;
mod application;
mod apply;
pub mod base_layers;
pub mod config;
mod experts;
pub mod factor;
pub mod find;
mod in_order;
mod keys;
pub mod kinds;
mod layer;
pub mod low_rank;
pub mod merged;
pub mod missing;
mod names;
mod orientation;
mod own;
mod parts;
mod refused;
#[cfg(test)]
mod tests;

pub use apply::{Applied, apply_adapter};
