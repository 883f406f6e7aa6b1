//! What stands beside a weight: the names of a checkpoint, sorted.

use crate::checkpoint::formats::quantized::codes::Fp8;
use crate::checkpoint::formats::quantized::parameters::{
    is_parameter, is_parameter_beside, looks_like_scale,
};
use crate::checkpoint::formats::quantized::refused::{CODES, PAIRED_CODES};
use crate::checkpoint::raw::RawTensor;
use safetensors::Dtype;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;

/// Where a tensor is.
enum Place<'a> {
    Here(&'a RawTensor),
    /// In a file that was not given.
    Elsewhere(&'a str),
}

/// The tensors of a checkpoint by name, and the weights that it has in codes.
pub struct Beside<'a> {
    names: BTreeMap<&'a str, Place<'a>>,
    /// The names of weights in codes, and of their modules.
    coded: HashSet<String>,
}

/// The name of the weight that gpt-oss's blocks of codes stand for, and that of their scales:
/// `X_blocks` and `X_scales` of transformers, `X.blocks` and `X.scales` of OpenAI.
pub fn split_blocks(codes: &str) -> Option<(&str, String)> {
    ["_", "."].into_iter().find_map(|sign| {
        let stem = codes.strip_suffix("blocks")?.strip_suffix(sign)?;
        Some((stem, format!("{stem}{sign}scales"))).filter(|_| !stem.is_empty())
    })
}

/// The name of the weight that codes of this name stand for.
pub fn name_weight(codes: &str) -> String {
    if let Some((stem, _)) = split_blocks(codes) {
        return stem.into();
    }
    match codes.rsplit_once('.') {
        // Quanto's codes are parts of the weight.
        Some((weight, "_data")) => weight.into(),
        Some((module, last)) if CODES.contains(&last) => format!("{module}.weight"),
        _ => codes.into(),
    }
}

impl<'a> Beside<'a> {
    /// Sorts the tensors that were found, and those of files that were not given.
    pub fn new(found: &'a [RawTensor], elsewhere: &'a HashMap<String, String>) -> Self {
        let mut names: BTreeMap<&str, Place<'_>> = elsewhere
            .iter()
            .map(|(name, file)| (name.as_str(), Place::Elsewhere(file.as_str())))
            .collect();
        names.extend(found.iter().map(|t| (t.name.as_str(), Place::Here(t))));
        let mut beside = Self { names, coded: HashSet::new() };
        let coded: HashSet<String> = found
            .iter()
            .filter_map(|t| beside.weight_of_codes(t))
            .flat_map(|weight| {
                let module = weight.strip_suffix(".weight").unwrap_or(&weight).to_string();
                [weight, module]
            })
            .collect();
        beside.coded = coded;
        beside
    }

    /// The tensor of this name, if it was given.
    pub fn get(&self, name: &str) -> Option<&'a RawTensor> {
        match self.names.get(name)? {
            Place::Here(t) => Some(t),
            Place::Elsewhere(_) => None,
        }
    }

    /// Whether the checkpoint has a tensor of this name, given or not.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// The scale of this name; `None` where the checkpoint has none.
    ///
    /// # Errors
    /// A sentence where it is in a file that was not given.
    pub fn find(&self, name: &str) -> Result<Option<&'a RawTensor>, String> {
        match self.names.get(name) {
            None => Ok(None),
            Some(Place::Here(t)) => Ok(Some(t)),
            Some(Place::Elsewhere(file)) => {
                Err(format!("its scale {name} is in {file}, which was not given: add it"))
            }
        }
    }

    /// What follows `prefix` in all names that begin with it.
    fn rests(&self, prefix: &str) -> Vec<&'a str> {
        self.names
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .map(|(name, _)| *name)
            .take_while(|name| name.starts_with(prefix))
            .map(|name| &name[prefix.len()..])
            .collect()
    }

    /// The parts of a module beside its weight: what follows its name, one part or parts of the
    /// weight.
    pub fn rests_of(&self, module: &str) -> Vec<&'a str> {
        let mut rests = self.rests(&format!("{module}."));
        rests.retain(|rest| !rest.contains('.') || rest.starts_with("weight."));
        rests
    }

    /// The names that look like scales of a weight: beside it in its module, or its own name with
    /// an end.
    pub fn scales_of(&self, weight: &str) -> Vec<String> {
        let module = weight.strip_suffix(".weight").unwrap_or(weight);
        let parts =
            self.rests_of(module).into_iter().map(|rest| (format!("{module}.{rest}"), rest));
        let prefix = format!("{weight}_");
        let ends = self.rests(&prefix).into_iter().filter(|rest| !rest.contains('.'));
        let ends = ends.map(|rest| (format!("{prefix}{rest}"), rest));
        let mut scales: Vec<String> = parts
            .chain(ends)
            .filter(|(_, rest)| looks_like_scale(rest))
            .map(|(name, _)| name)
            .collect();
        scales.sort();
        scales.dedup();
        scales
    }

    /// The name of the weight that a tensor has the codes of; `None` where it holds no codes.
    pub fn weight_of_codes(&self, t: &RawTensor) -> Option<String> {
        if is_parameter(&t.name) {
            return None;
        }
        let last = t.name.rsplit('.').next().unwrap_or_default();
        if Fp8::of(t.dtype).is_some() {
            // A scale in FP8 beside its codes is none itself.
            return (last == "weight" || !last.contains("scale")).then(|| name_weight(&t.name));
        }
        if let Some((module, other)) = t.name.rsplit_once('.').and_then(|(module, last)| {
            Some((module, PAIRED_CODES.iter().find(|(codes, _)| *codes == last)?.1))
        }) && t.view().is_none()
            && self.has(&format!("{module}.{other}"))
        {
            return Some(format!("{module}.weight"));
        }
        let integers =
            matches!(t.dtype, Dtype::U8 | Dtype::I8 | Dtype::I16 | Dtype::I32 | Dtype::U32);
        let several = t.dtype == Dtype::I64 && matches!(last, "trellis" | "codes");
        if !integers && !several {
            return None;
        }
        if let Some((stem, scales)) = split_blocks(&t.name) {
            return self.has(&scales).then(|| stem.into());
        }
        if t.name.contains('.') && CODES.contains(&last) {
            return Some(name_weight(&t.name));
        }
        // Other integers are codes where a parameter of theirs stands beside them.
        let module = t.name.strip_suffix(".weight").unwrap_or(&t.name);
        let beside = if last == "weight" {
            self.rests_of(module)
                .into_iter()
                .any(|rest| rest != "weight" && is_parameter_beside(rest))
        } else {
            self.rests(&format!("{}_", t.name)).into_iter().any(is_parameter_beside)
                && !is_parameter_beside(last)
        };
        beside.then(|| t.name.clone())
    }

    /// Whether a tensor is a parameter of codes beside it.
    pub fn is_parameter(&self, t: &RawTensor) -> bool {
        // Parts of the module, or of the weight in it.
        let mut path = t.name.as_str();
        while let Some((module, _)) = path.rsplit_once('.') {
            let rest = &t.name[module.len() + 1..];
            if self.coded.contains(module) && is_parameter_beside(rest) {
                return true;
            }
            if rest.contains('.') {
                break;
            }
            path = module;
        }
        // Ends of its name.
        t.name.match_indices('_').any(|(at, _)| {
            self.coded.contains(&t.name[..at]) && is_parameter_beside(&t.name[at + 1..])
        })
    }
}
