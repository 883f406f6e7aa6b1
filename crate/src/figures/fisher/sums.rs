//! Sums of the update weighted by a diagonal Fisher, row by row.

use crate::element::decode::Decoder;
use crate::element::gate;

/// Sums in f64 over all rows taken in so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FisherSums {
    /// Σ F·Δ² over the weights that are finite on both sides.
    pub weighted_squared: f64,
    /// Σ F.
    pub mass: f64,
    /// Σ F over weights that changed in bf16.
    pub mass_changed: f64,
    /// Number of weights that changed in bf16.
    pub changed: u64,
    /// Number of entries of F that are NaN, infinite or negative.
    pub unusable: u64,
}

impl FisherSums {
    /// Takes in the next rows × columns of base, tuned and Fisher. All decoders begin with them,
    /// and F has a dtype of its own.
    pub fn add(
        &mut self,
        sides: [&Decoder; 3],
        (rows, cols): (usize, usize),
        eta: f32,
        work: &mut FisherWork,
    ) {
        for row in 0..rows {
            work.read(sides, row * cols, cols);
            self.add_row(work, eta);
        }
    }

    /// Takes in one row. It is a function of its own since browsers change from slow to fast code
    /// between two calls only.
    #[inline(never)]
    fn add_row(&mut self, work: &FisherWork, eta: f32) {
        // One sum per row, so that the total's rounding does not depend on how rows come in.
        let (mut weighted, mut mass, mut mass_changed) = (0.0, 0.0, 0.0);
        for (i, f) in work.fisher.iter().enumerate() {
            if !(f.is_finite() && *f >= 0.0) {
                self.unusable += 1;
                continue;
            }
            let (w0, w1) = (work.base[i], work.tuned[i]);
            mass += f;
            if !gate::passes(w0, w1, work.before[i], work.after[i], eta) {
                self.changed += 1;
                mass_changed += f;
            }
            if w0.is_finite() && w1.is_finite() {
                weighted += f * (w1 - w0) * (w1 - w0);
            }
        }
        self.weighted_squared += weighted;
        self.mass += mass;
        self.mass_changed += mass_changed;
    }
}

/// Buffers for one row of each side.
#[derive(Debug, Default)]
pub struct FisherWork {
    base: Vec<f64>,
    tuned: Vec<f64>,
    fisher: Vec<f64>,
    before: Vec<u16>,
    after: Vec<u16>,
}

impl FisherWork {
    fn read(&mut self, [base, tuned, fisher]: [&Decoder; 3], start: usize, cols: usize) {
        for (side, out) in
            [(base, &mut self.base), (tuned, &mut self.tuned), (fisher, &mut self.fisher)]
        {
            out.resize(cols, 0.0);
            side.decode_f64(start, out);
        }
        for (side, out) in [(base, &mut self.before), (tuned, &mut self.after)] {
            out.resize(cols, 0);
            side.decode_bf16(start, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::dtype::Dtype;

    fn decoder(values: &[f32]) -> Decoder {
        Decoder::new(Dtype::F32, values.iter().flat_map(|v| v.to_le_bytes()).collect())
    }

    #[test]
    fn sums_by_hand() {
        // Weight 0 changes, 1 changes only in f32, 2 becomes NaN, 3 stays.
        let (base, tuned) =
            (decoder(&[1.0; 4]), decoder(&[1.5, 1.0 + 0.5f32.powi(13), f32::NAN, 1.0]));
        let mut sums = FisherSums::default();
        sums.add(
            [&base, &tuned, &decoder(&[2.0, 4.0, 8.0, 16.0])],
            (2, 2),
            1e-3,
            &mut FisherWork::default(),
        );
        let want = FisherSums {
            weighted_squared: 0.5 + 4.0 * 0.5f64.powi(26),
            mass: 30.0,
            mass_changed: 10.0,
            changed: 2,
            unusable: 0,
        };
        assert_eq!(sums, want);
        sums.add(
            [&base, &tuned, &decoder(&[-1.0, f32::NAN, f32::INFINITY, 0.0])],
            (2, 2),
            1e-3,
            &mut FisherWork::default(),
        );
        assert_eq!((sums.unusable, sums.mass), (3, 30.0));
    }
}
