//! Which weights are stored inputs × outputs.
//!
//! PEFT asks the class of a layer: weights of `Conv1D` (GPT-2) are stored so, those of `Linear` are
//! not. Its configuration has one `fan_in_fan_out` for all modules, which is that of the last one.
//! Shapes tell it of all weights but square ones. Of these the base's other layers tell it: the
//! bias of a layer is as long as its outputs.

use crate::checkpoint::open::Checkpoint;

/// The names under which transformers has layers of the class `Conv1D`. Other models have
/// `Linear` under the same names (GPTBigCode).
const CONV1D: [&str; 4] = ["c_attn", "c_fc", "c_proj", "q_attn"];

/// What the base tells of its square weights.
pub(crate) struct Orientation {
    /// True where layers with the names of [`CONV1D`] are stored inputs × outputs, false where they
    /// are not; `None` without any that tells.
    conv1d: Option<bool>,
    /// What adapter_config.json says of all.
    said: bool,
}

fn is_conv1d_name(module: &str) -> bool {
    CONV1D.contains(&module.rsplit('.').next().unwrap_or_default())
}

impl Orientation {
    /// Asks the layers of `base`; `said` is what adapter_config.json says.
    pub fn of(base: &Checkpoint, said: bool) -> Self {
        let vote = |t: &crate::checkpoint::entry::TensorEntry| {
            let module = t.name.strip_suffix(".weight").filter(|module| is_conv1d_name(module))?;
            let &[rows, columns] = &t.shape[..] else { return None };
            let bias = base.get(&format!("{module}.bias"))?.elements();
            match (bias == rows, bias == columns) {
                (true, false) => Some(false),
                (false, true) => Some(true),
                _ => None,
            }
        };
        Self { conv1d: base.tensors.iter().find_map(vote), said }
    }

    /// True where the square weight of `module` is stored inputs × outputs.
    pub fn is_transposed(&self, module: &str) -> bool {
        match self.conv1d {
            Some(conv1d) => conv1d && is_conv1d_name(module),
            None => self.said,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::FileBuilder;

    #[test]
    fn biases_tell_of_square_weights() {
        let base = |bias: u64| {
            FileBuilder::new()
                .tensor("h.0.attn.c_attn.weight", "BF16", &[1, 3], [0; 6])
                .tensor("h.0.attn.c_attn.bias", "BF16", &[bias], vec![0; 2 * bias as usize])
                .checkpoint("base")
        };
        for said in [false, true] {
            let conv1d = Orientation::of(&base(3), said);
            assert!(conv1d.is_transposed("h.0.attn.c_proj"));
            assert!(!conv1d.is_transposed("lm_head"));
            let linear = Orientation::of(&base(1), said);
            assert!(!linear.is_transposed("h.0.attn.c_proj"));
            // Neither length fits: only the configuration is left.
            assert_eq!(Orientation::of(&base(2), said).is_transposed("x"), said);
        }
    }
}
