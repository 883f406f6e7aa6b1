//! Which tensors are weights, which are the codes and parameters of quantised weights, and which
//! are buffers.
//!
//! FP8, MXFP8, NVFP4 and MXFP4 are decoded under the weight's own name and shape. All other codes
//! are refused by the name of their quantisation. No scale, zero point or buffer is ever a weight.

mod beside;
pub mod blocks;
pub mod codes;
pub mod config;
pub mod decode;
pub mod packed;
pub mod parameters;
pub mod refused;
pub mod scaled;
#[cfg(test)]
mod tests;

use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::quantized::beside::Beside;
use crate::checkpoint::formats::quantized::blocks::LastExpert;
use crate::checkpoint::formats::quantized::config::QuantizationConfig;
use crate::checkpoint::formats::quantized::decode::{Decoded, Refusal, decode};
use crate::checkpoint::formats::quantized::parameters::is_parameter;
use crate::checkpoint::header;
use crate::checkpoint::names::buffers::find_buffer;
use crate::checkpoint::raw::RawTensor;
use crate::checkpoint::summary::{LeftOut, LeftOutReason};
use safetensors::Dtype;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The tensors of a checkpoint that can be read, and what of it is left out.
///
/// `elsewhere` has the tensors, with their files, that the shard index names in files that were not
/// given.
pub fn find_tensors(
    found: &[RawTensor],
    config: &QuantizationConfig,
    elsewhere: &HashMap<String, String>,
) -> (Vec<TensorEntry>, Vec<LeftOut>) {
    let beside = Beside::new(found, elsewhere);
    let last = Rc::new(LastExpert::default());
    let (mut tensors, mut left_out) = (Vec::with_capacity(found.len()), Vec::new());
    let mut done: HashSet<&str> = HashSet::new();
    let mut used: HashSet<String> = HashSet::new();
    for t in found.iter().filter(|t| t.elements() > 0) {
        let Some(name) = beside.weight_of_codes(t) else {
            continue;
        };
        done.insert(&t.name);
        if name != t.name && beside.get(&name).is_some() {
            let detail = format!("it is stored as {} besides, which is not used", t.name);
            left_out.push(LeftOut::new(&t.name, LeftOutReason::Duplicate, detail));
            continue;
        }
        match decode(t, &beside, config, &last) {
            Ok(Decoded { shape, stored, view, used: own }) => {
                used.extend(own);
                tensors.push(TensorEntry { name, shape, stored, view, update: None });
            }
            Err(Refusal(reason, detail)) => left_out.push(LeftOut::new(&name, reason, detail)),
        }
    }
    for t in found {
        if done.contains(t.name.as_str()) || used.contains(&t.name) {
            continue;
        }
        if is_parameter(&t.name) || t.dtype == Dtype::F8_E8M0 || beside.is_parameter(t) {
            left_out.push(LeftOut::new(
                &t.name,
                LeftOutReason::QuantizationParameter,
                "it is a scale or another parameter of quantised weights",
            ));
        } else if let Some(what) = find_buffer(&t.name, t.dtype, &t.shape) {
            left_out.push(LeftOut::new(&t.name, LeftOutReason::Buffer, format!("it is {what}")));
        } else if t.elements() == 0 {
            let detail = format!("its shape {:?} has no elements", t.shape);
            left_out.push(LeftOut::new(&t.name, LeftOutReason::Empty, detail));
        } else if let Some(view) = t.view() {
            let (name, shape) = (t.name.clone(), t.shape.clone());
            tensors.push(TensorEntry { name, shape, stored: t.dtype, view, update: None });
        } else {
            left_out.push(header::refuse_dtype(&t.name, &t.dtype.to_string()));
        }
    }
    (tensors, left_out)
}
