//! What a tensor in a folder of `torch.distributed.checkpoint` belongs to, by its place in the
//! dicts that were saved.

/// What a tensor belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A model.
    Model {
        /// The place of the model in the dicts that were saved; empty at the top.
        place: String,
        /// The tensor's name in the model.
        name: String,
    },
    /// The state of an optimizer, or another state of training, by its place.
    State(String),
}

/// Keys under which models are saved.
const MODELS: [&str; 10] = [
    "app",
    "model",
    "module",
    "state_dict",
    "model_state_dict",
    "actor",
    "critic",
    "policy",
    "ref",
    "ema",
];
/// Beginnings of keys under which states of training are saved.
const STATES: [&str; 6] =
    ["optim", "lr_scheduler", "scheduler", "rng_state", "dataloader", "train_state"];

/// Finds what a tensor belongs to. The keys of outer dicts are no part of its name; where there are
/// none, all of the path is the name.
pub(crate) fn find_owner(path: &[String]) -> Owner {
    let is_state = |part: &str| {
        STATES.iter().any(|state| {
            part.strip_prefix(state).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
                || part.starts_with("optimizer")
        })
    };
    let outer = path.len() - 1;
    let models = path[..outer].iter().take_while(|part| MODELS.contains(&part.as_str())).count();
    if let Some(state) = path[models..].first().filter(|part| is_state(part)) {
        // A flat name holds its key up to the first dot.
        let key = state.split('.').next().unwrap_or_default();
        return Owner::State([&path[..models], &[key.to_owned()]].concat().join("."));
    }
    Owner::Model { place: path[..models].join("."), name: path[models..].join(".") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_models_from_states() {
        let model =
            |place: &str, name: &str| Owner::Model { place: place.into(), name: name.into() };
        let cases: [(&[&str], Owner); 8] = [
            (&["model", "model.norm.weight"], model("model", "model.norm.weight")),
            (&["app", "model", "lm_head.weight"], model("app.model", "lm_head.weight")),
            (&["model.norm.weight"], model("", "model.norm.weight")),
            (&["layers", "0", "weight"], model("", "layers.0.weight")),
            (
                &["optimizer", "state", "model.norm.weight", "exp_avg"],
                Owner::State("optimizer".into()),
            ),
            (&["app", "optim", "state", "w", "step"], Owner::State("app.optim".into())),
            (&["optimizer.state.exp_avg.w"], Owner::State("optimizer".into())),
            (&["optimal.weight"], model("", "optimal.weight")),
        ];
        for (path, owner) in cases {
            let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
            assert_eq!(find_owner(&path), owner, "{path:?}");
        }
    }
}
