//! Sums of an adapter's update beside the update that the merge left, row by row.

use crate::element::decode::Decoder;
use crate::element::gate;

/// Sums in f64 over all rows taken in so far. Weights that are NaN or infinite on a side are left
/// out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AdapterSums {
    /// Number of weights with Δ ≠ 0.
    pub touched: u64,
    /// Number of touched weights that changed in bf16.
    pub survived: u64,
    /// ‖Δ‖².
    pub update_squared: f64,
    /// max|Δ|.
    pub max_abs: f64,
    /// ⟨Δ_merged, Δ⟩.
    pub dot: f64,
    /// ‖Δ_merged − Δ‖².
    pub error_squared: f64,
}

impl AdapterSums {
    /// Takes in the next rows of `cols` weights. `delta` holds their Δ, row-major, and both
    /// decoders begin with them.
    pub fn add(&mut self, base: &Decoder, merged: &Decoder, delta: &[f64], cols: usize, eta: f32) {
        for (row, delta) in delta.chunks_exact(cols).enumerate() {
            self.add_row(base, merged, row * cols, delta, eta);
        }
    }

    /// Takes in one row. It is a function of its own since browsers change from slow to fast code
    /// between two calls only.
    #[inline(never)]
    fn add_row(&mut self, base: &Decoder, merged: &Decoder, start: usize, delta: &[f64], eta: f32) {
        // One sum per row, so that the total's rounding does not depend on how rows come in.
        let (mut update, mut dot, mut error) = (0.0, 0.0, 0.0);
        for (i, d) in delta.iter().enumerate() {
            let (w0, w1) = (base.f64(start + i), merged.f64(start + i));
            if !(w0.is_finite() && w1.is_finite()) {
                continue;
            }
            if *d != 0.0 {
                self.touched += 1;
                let passes =
                    gate::passes(w0, w1, base.bf16(start + i), merged.bf16(start + i), eta);
                self.survived += u64::from(!passes);
            }
            let seen = w1 - w0;
            self.max_abs = self.max_abs.max(d.abs());
            update += d * d;
            dot += seen * d;
            error += (seen - d) * (seen - d);
        }
        self.update_squared += update;
        self.dot += dot;
        self.error_squared += error;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::dtype::Dtype;

    #[test]
    fn sums_by_hand() {
        let decoder = |values: &[f32]| {
            Decoder::new(Dtype::F32, values.iter().flat_map(|v| v.to_le_bytes()).collect())
        };
        // Weight 0 takes all of its update, 1 none of it, 2 has none, 3 is not finite.
        let mut sums = AdapterSums::default();
        let (base, merged) = (decoder(&[1.0, 1.0, 2.0, f32::NAN]), decoder(&[1.5, 1.0, 2.0, 1.0]));
        sums.add(&base, &merged, &[0.5, 0.25, 0.0, 4.0], 2, 1e-3);
        assert_eq!(
            sums,
            AdapterSums {
                touched: 2,
                survived: 1,
                update_squared: 0.3125,
                max_abs: 0.5,
                dot: 0.25,
                error_squared: 0.0625
            }
        );
    }
}
