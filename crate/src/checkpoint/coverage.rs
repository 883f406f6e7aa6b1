//! The share of two checkpoints that was compared.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Numbers of weights of a base and of a tuned checkpoint, and of those that are compared. Buffers
/// and parameters of a quantisation are no weights. Weights that can't be read count where a header
/// tells how many they are; those of files that are missing are not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Number of weights of the base.
    pub base: u64,
    /// Number of weights of the tuned checkpoint; of an adapter or a sparse delta, of what it makes
    /// of the base.
    pub tuned: u64,
    /// Number of weights of the base that are compared: in the layers that were chosen, and in a
    /// report those of tensors that were analysed.
    pub compared: u64,
    /// Number of weights of the tuned checkpoint that are compared.
    #[serde(default)]
    pub compared_tuned: u64,
    /// Number of weights of the base that an adapter leaves as they are: they are known to be
    /// unchanged without being compared.
    #[serde(default)]
    pub not_adapted: u64,
}

impl Coverage {
    /// Whether every weight of both checkpoints is compared or known to be unchanged.
    pub fn is_whole(&self) -> bool {
        self.compared.saturating_add(self.not_adapted) >= self.base
            && self.compared_tuned.saturating_add(self.not_adapted) >= self.tuned
    }

    /// Describes the share of the weights that is compared, in the words of a line.
    pub fn describe(&self) -> String {
        if self.is_whole() {
            return format!("all {} weights", self.base.max(self.tuned));
        }
        let known = |compared: u64| compared.saturating_add(self.not_adapted);
        let share = |compared: u64, all: u64, whose: &str| {
            if known(compared) >= all {
                return format!("all weights of {whose}");
            }
            let percent = 100.0 * known(compared) as f64 / all.max(1) as f64;
            // What is not the whole does not round to it.
            let percent = percent.min(99.9);
            format!("{percent:.1} % of the weights of {whose} ({} of {all})", known(compared))
        };
        let base = share(self.compared, self.base, "the base");
        if known(self.compared_tuned) >= self.tuned {
            return base;
        }
        format!("{base} and {}", share(self.compared_tuned, self.tuned, "the tuned checkpoint"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_not_described_as_the_whole() {
        let of = |[base, tuned, compared, compared_tuned, not_adapted]: [u64; 5]| Coverage {
            base,
            tuned,
            compared,
            compared_tuned,
            not_adapted,
        };
        let cases = [
            ([100, 100, 100, 100, 0], true, "all 100 weights"),
            ([100, 100, 30, 30, 70], true, "all 100 weights"),
            (
                [100, 200, 100, 100, 0],
                false,
                "all weights of the base and 50.0 % of the weights of the tuned checkpoint \
                 (100 of 200)",
            ),
            ([100, 100, 20, 100, 0], false, "20.0 % of the weights of the base (20 of 100)"),
            (
                [100, 150, 30, 30, 70],
                false,
                "all weights of the base and 66.7 % of the weights of the tuned checkpoint (100 of \
                 150)",
            ),
            (
                [100_000, 200, 99_999, 50, 0],
                false,
                "99.9 % of the weights of the base (99999 of 100000) and 25.0 % of the weights of \
                 the tuned checkpoint (50 of 200)",
            ),
        ];
        for (numbers, whole, text) in cases {
            let found = of(numbers);
            assert_eq!((found.is_whole(), found.describe().as_str()), (whole, text));
        }
    }
}
