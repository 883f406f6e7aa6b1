//! What the name of a file with weights tells: the set that it is of, and its place in it.

/// Names of whole models, in the order in which they are looked for.
const WHOLE: [&str; 3] = ["model", "diffusion_pytorch_model", "pytorch_model"];
/// The name of weights as their author names them, beside those of transformers.
const CONSOLIDATED: &str = "consolidated";
/// Names of adapters: PEFT's, MLX's and diffusers'.
const ADAPTERS: [&str; 3] = ["adapter_model", "adapters", "pytorch_lora_weights"];
/// Beginnings of states of training.
const STATES: [&str; 5] = ["optim", "scheduler", "random_states", "rng_state", "exp_avg"];
/// Formats in the order in which they are preferred.
const FORMATS: [&str; 6] = [".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".distcp"];

/// What a set of weights is for. The order is that of preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// A whole model.
    Model,
    /// An adapter of one.
    Adapter,
    /// Files whose names tell nothing: together they are one set.
    Others,
    /// A state of training, or an average of weights beside them.
    State,
}

/// What all files of a set have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SetName {
    /// The folder inside the given one; empty at its top.
    pub folder: String,
    pub purpose: Purpose,
    /// The place of the format in the order of preference.
    pub format: usize,
    /// The name without numbers, variant and ending; empty for [`Purpose::Others`].
    pub stem: String,
    /// As in `model.fp16.safetensors`; mostly empty.
    pub variant: String,
    /// The number of shards that each name tells; `None` for a file that is whole.
    pub total: Option<u64>,
}

impl SetName {
    /// True for the names of transformers and diffusers, as `pytorch_model.bin`.
    pub fn is_of_transformers(&self) -> bool {
        let formats: &[usize] = match &*self.stem {
            "model" => &[0],
            "pytorch_model" => &[1],
            "diffusion_pytorch_model" => &[0, 1],
            _ => &[],
        };
        self.variant.is_empty() && formats.contains(&self.format)
    }

    /// The place among whole models of one format; less is preferred.
    pub fn rank(&self) -> usize {
        let whole = WHOLE.iter().position(|stem| *stem == self.stem);
        let place =
            whole.unwrap_or(if self.stem == CONSOLIDATED { WHOLE.len() + 1 } else { WHOLE.len() });
        2 * place + usize::from(self.total.is_some())
    }
}

/// Folder and name of a path, in small letters: systems differ in whether letters' cases count.
fn split_path(path: &str) -> (String, String) {
    let path = path.to_ascii_lowercase();
    match path.rsplit_once('/') {
        Some((folder, name)) => (folder.into(), name.into()),
        None => (String::new(), path),
    }
}

/// Cuts `-00001-of-00002` off: what is before it, its two numbers, what follows.
fn cut_numbers(stem: &str) -> Option<(&str, u64, u64, &str)> {
    let (before, after) = stem.rsplit_once("-of-")?;
    let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    let (total, rest) = after.split_at(end);
    let (head, number) = before.rsplit_once('-')?;
    if !rest.is_empty() && !rest.starts_with('.') {
        return None;
    }
    Some((head, number.parse().ok()?, total.parse().ok()?, rest.trim_start_matches('.')))
}

/// Takes off the rank before the name, as torch.distributed.checkpoint puts it:
/// `shard-00001-model`.
fn cut_rank(stem: &str) -> &str {
    let cut = |stem: &'_ str| -> Option<usize> {
        let rest = stem.strip_prefix("shard-")?;
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        (digits > 0 && rest[digits..].starts_with('-')).then_some("shard-".len() + digits + 1)
    };
    cut(stem).map_or(stem, |at| &stem[at..])
}

/// Finds the set that a file is of, and its number in it.
pub(crate) fn find_set(path: &str) -> (SetName, Option<u64>) {
    let (folder, name) = split_path(path);
    let format = FORMATS.iter().position(|end| name.ends_with(end)).unwrap_or(FORMATS.len());
    let full = match FORMATS.get(format) {
        Some(end) => &name[..name.len() - end.len()],
        None => name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem),
    };
    let (head, number, total, after) = match cut_numbers(full) {
        Some((head, number, total, after)) => (cut_rank(head), Some(number), Some(total), after),
        None => (full, None, None, ""),
    };
    let (stem, variant) = match head.split_once('.') {
        Some((stem, variant)) if is_known(stem) => (stem, variant),
        _ => (head, after),
    };
    let tokens: Vec<&str> = full.split(['.', '_', '-']).collect();
    let is_average = tokens.contains(&"ema") && !tokens.contains(&"non");
    let is_state = STATES.iter().any(|start| stem.starts_with(start))
        || folder.split('/').any(|part| part.starts_with("optim"));
    let is_numbered = !variant.is_empty() && variant.bytes().all(|b| b.is_ascii_digit());
    let (purpose, stem) = match stem {
        _ if is_average || is_state => (Purpose::State, stem),
        _ if ADAPTERS.contains(&stem) => (Purpose::Adapter, stem),
        _ if is_known(stem) || total.is_some() => (Purpose::Model, stem),
        _ => (Purpose::Others, ""),
    };
    // `consolidated.00` and `consolidated.01` are parts of one set that does not tell its size.
    let variant = if is_numbered || purpose == Purpose::Others { "" } else { variant };
    let set =
        SetName { folder, purpose, format, stem: stem.into(), variant: variant.into(), total };
    (set, number)
}

fn is_known(stem: &str) -> bool {
    WHOLE.contains(&stem) || stem == CONSOLIDATED || ADAPTERS.contains(&stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_set() {
        use Purpose::*;
        for (path, purpose, stem, variant, place) in [
            ("model.safetensors", Model, "model", "", None),
            ("MODEL.SAFETENSORS", Model, "model", "", None),
            ("model-00001-of-00002.safetensors", Model, "model", "", Some((1, 2))),
            ("model.fp16-00001-of-00002.safetensors", Model, "model", "fp16", Some((1, 2))),
            ("model-00001-of-00002.fp16.safetensors", Model, "model", "fp16", Some((1, 2))),
            ("unet/model.non_ema.safetensors", Model, "model", "non_ema", None),
            ("consolidated.00.pth", Model, "consolidated", "", None),
            ("shard-00002-model-00001-of-00001.safetensors", Model, "model", "", Some((1, 1))),
            ("llama-1-of-62.safetensors", Model, "llama", "", Some((1, 62))),
            ("adapter_model.bin", Adapter, "adapter_model", "", None),
            ("rank_0.safetensors", Others, "", "", None),
            ("a-of-b.safetensors", Others, "", "", None),
            ("optimizer.bin", State, "optimizer", "", None),
            ("optimizer_0/__0_0.distcp", State, "__0_0", "", None),
            ("ema_model.safetensors", State, "ema_model", "", None),
        ] {
            let (set, number) = find_set(path);
            assert_eq!(
                (set.purpose, set.stem.as_str(), set.variant.as_str(), number.zip(set.total)),
                (purpose, stem, variant, place),
                "{path}"
            );
        }
    }
}
