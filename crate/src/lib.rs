//! Gatescope: where training moved a model's weights.
//!
//! The way of the data: bytes ([`source`]) → elements ([`element`]) → tensors ([`checkpoint`]) →
//! [`kernels`] → [`linalg`] → [`figures`] → [`report`]; [`analysis`] leads one tensor through it.
//! The figures follow "The Path Not Taken: RLVR Provably Learns Off the Principals" (arXiv
//! 2511.08567).
#![deny(missing_docs)]
#![deny(clippy::undocumented_unsafe_blocks, clippy::missing_safety_doc)]
// What wasm-bindgen writes is its own.
#![cfg_attr(not(target_arch = "wasm32"), deny(unsafe_code))]

pub mod analysis;
pub mod checkpoint;
pub mod element;
pub mod error;
pub mod figures;
pub mod host;
pub mod kernels;
pub mod linalg;
pub mod report;
pub mod settings;
pub mod source;
#[cfg(target_arch = "wasm32")]
pub mod web;
pub mod words;
