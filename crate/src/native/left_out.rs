//! Prints what was left out.

use crate::native::tell::tell;
use gatescope::analysis::Inputs;
use gatescope::checkpoint::LayerSet;
use gatescope::checkpoint::grouped::describe_left_out;
use gatescope::settings::Settings;

/// Prints why no tensor can be compared: what each run leaves out, grouped by reason. Prints
/// nothing where some can.
pub fn print_left_out(inputs: &Inputs, settings: &Settings) {
    let layers = settings.layers.as_deref().and_then(|layers| LayerSet::parse(layers).ok());
    let runs = inputs.inventory(layers.as_ref(), &settings.rename);
    if runs.iter().any(|run| run.tensors > 0) {
        return;
    }
    for (tuned, run) in inputs.tuned.iter().zip(runs) {
        tell(&format!("{}: nothing can be compared. Left out:", tuned.name));
        for line in describe_left_out(&run.left_out) {
            tell(&format!("  {line}"));
        }
    }
}
