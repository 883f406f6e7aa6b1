//! Where the energy of an update lies (www/report/energy.js).

use gatescope::checkpoint::names::role::Module;
use gatescope::figures::tensor::TensorReport;

/// A layer holds much of a run where it has this many times its share of the weights, …
const TIMES: f64 = 2.0;
/// … and this much of all.
const LEAST: f64 = 0.15;

/// The name of a kind of module, in words where it stands outside the layers.
pub fn name_outside(module: Module) -> String {
    match module {
        Module::Embed => "embeddings".into(),
        Module::Norm => "final norm".into(),
        other => other.to_string(),
    }
}

/// A layer, or what stands outside the layers.
struct Group {
    layer: Option<u32>,
    /// Of what stands outside.
    module: Module,
    square: f64,
    weights: f64,
}

fn divide(tensors: &[TensorReport]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for tensor in tensors {
        let Some(update) = &tensor.update else { continue };
        let (square, weights) = (update.frobenius_update.powi(2), tensor.parameters as f64);
        let is_own = |group: &&mut Group| {
            group.layer == tensor.layer && (tensor.layer.is_some() || group.module == tensor.module)
        };
        match groups.iter_mut().find(is_own) {
            Some(group) => {
                group.square += square;
                group.weights += weights;
            }
            None => {
                let (layer, module) = (tensor.layer, tensor.module);
                groups.push(Group { layer, module, square, weights });
            }
        }
    }
    groups
}

/// The layer, or what stands outside the layers, that holds far more of a run's energy than its
/// size lets expect: its name and its share.
pub fn find_concentration(tensors: &[TensorReport]) -> Option<(String, f64)> {
    let groups = divide(tensors);
    let square: f64 = groups.iter().map(|group| group.square).sum();
    let weights: f64 = groups.iter().map(|group| group.weights).sum();
    if groups.len() < 2 || square <= 0.0 || weights <= 0.0 {
        return None;
    }
    let held = groups.iter().filter_map(|group| {
        let energy = group.square / square;
        let ratio = energy / (group.weights / weights);
        (energy >= LEAST && ratio >= TIMES).then_some((group, energy))
    });
    let (group, energy) = held.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let name = match group.layer {
        Some(layer) => format!("layer {layer}"),
        None => format!("the {}", name_outside(group.module)),
    };
    Some((name, energy))
}

/// Whether a run has two layers or more, that its update could be spread over.
pub fn has_layers(tensors: &[TensorReport]) -> bool {
    divide(tensors).iter().filter(|group| group.layer.is_some()).count() > 1
}
