//! The whole spectrum from the device's exact Gram matrices, against an SVD and the f64 route.

use super::*;
use crate::linalg::exact::{ExactPair, PairMatrix, Panels, decompose_exact};

/// A pair in memory, and on a device.
struct Pair<'a> {
    base: &'a Mat<f64>,
    tuned: &'a Mat<f64>,
    /// The device and both matrices on it; without, the Gram matrices are the CPU's.
    device: Option<(&'a Gpu, <Gpu as Backend>::Matrix, <Gpu as Backend>::Matrix)>,
}

impl Panels for Pair<'_> {
    fn shape(&self) -> (usize, usize) {
        (self.base.nrows().max(self.base.ncols()), self.base.nrows().min(self.base.ncols()))
    }
    async fn panel(
        &self,
        start: usize,
        count: usize,
    ) -> Result<(Mat<f64>, Mat<f64>), crate::error::Error> {
        let wide = self.base.nrows() < self.base.ncols();
        let rows = |w: &Mat<f64>| {
            if wide {
                w.transpose().subrows(start, count).to_owned()
            } else {
                w.subrows(start, count).to_owned()
            }
        };
        Ok((rows(self.base), rows(self.tuned)))
    }
    async fn gram(&self, matrix: PairMatrix) -> Result<Option<Mat<f64>>, crate::error::Error> {
        let Some((device, base, tuned)) = &self.device else {
            return Ok(None);
        };
        let operand = match matrix {
            PairMatrix::Base => Operand::One(base),
            PairMatrix::Tuned => Operand::One(tuned),
            PairMatrix::Update => Operand::Difference(base, tuned),
        };
        let found = device.exact_gram(operand, u64::MAX).await?;
        assert!(found.is_some(), "the adapter has dot4I8Packed");
        Ok(found)
    }
}

fn stored(w: &Mat<f64>, dtype: Dtype) -> Mat<f64> {
    Mat::from_fn(w.nrows(), w.ncols(), |i, j| match dtype {
        Dtype::Bf16 => f64::from(bf16::from_f64(w[(i, j)]).to_f32()),
        _ => f64::from(w[(i, j)] as f32),
    })
}

fn bytes(w: &Mat<f64>, dtype: Dtype) -> Vec<u8> {
    let values = (0..w.nrows()).flat_map(|i| (0..w.ncols()).map(move |j| w[(i, j)] as f32));
    match dtype {
        Dtype::Bf16 => values.flat_map(|x| bf16::from_f32(x).to_le_bytes()).collect(),
        _ => values.flat_map(f32::to_le_bytes).collect(),
    }
}

fn low_rank(w0: &Mat<f64>, rho: f64) -> Mat<f64> {
    let d = normal(w0.nrows(), 4, 41) * normal(4, w0.ncols(), 42);
    w0 + faer::Scale(rho * w0.norm_l2() / d.norm_l2()) * d
}

/// Moves some weights one bf16 step up.
fn sparse(w0: &Mat<f64>) -> Mat<f64> {
    let up = |x: f64| f64::from(f32::from_bits((x as f32).to_bits() + 0x1_0000));
    Mat::from_fn(w0.nrows(), w0.ncols(), |i, j| {
        if (i * 7919 + j * 104_729) % 39_989 == 0 { up(w0[(i, j)]) } else { w0[(i, j)] }
    })
}

#[test]
fn exact_grams_of_the_device_hold_the_nss() {
    let device = gpu().with_exact_grams(true);
    let found = |w0: &Mat<f64>, w1: &Mat<f64>, dtype: Option<Dtype>| -> ExactPair {
        pollster::block_on(async {
            let (m, n) = (w0.nrows(), w0.ncols());
            let mut pair = Pair { base: w0, tuned: w1, device: None };
            if let Some(dtype) = dtype {
                let place =
                    async |w| device.matrix(m, n, dtype, bytes(w, dtype)).await.expect("upload");
                pair.device = Some((&device, place(w0).await, place(w1).await));
            }
            decompose_exact(&pair, 16, false).await.expect("exact")
        })
    };
    let plain = weight(400, 360, &power_law(360, 0.5, &[]));
    // Outliers thirty times over a spectrum that falls by 360: here four slices without the pairs
    // of small digits are off by 1e-2 and more.
    let hard = weight(360, 400, &power_law(360, 1.0, &[30.0, 30.0, 30.0]));
    let cases = [
        ("plain, dense bf16", &plain, stored(&dense(&plain, 3e-5), Dtype::Bf16), Dtype::Bf16),
        ("plain, sparse bf16", &plain, sparse(&plain), Dtype::Bf16),
        ("plain, dense f32", &plain, dense(&plain, 1e-5), Dtype::F32),
        ("hard, dense bf16", &hard, stored(&dense(&hard, 1e-5), Dtype::Bf16), Dtype::Bf16),
        ("hard, sparse bf16", &hard, sparse(&hard), Dtype::Bf16),
        ("hard, dense f32", &hard, dense(&hard, 1e-5), Dtype::F32),
        ("hard, low rank f32", &hard, stored(&low_rank(&hard, 1e-5), Dtype::F32), Dtype::F32),
    ];
    for (name, w0, w1, dtype) in cases {
        let (svd0, svd1) =
            (small::svd(w0.as_ref()).expect("SVD").s, small::svd(w1.as_ref()).expect("SVD").s);
        let want = nss(&svd0, &svd1, 360);
        let (got, cpu) = (found(w0, &w1, Some(dtype)), found(w0, &w1, None));
        let error = |e: &ExactPair| nss(&e.spectra.base, &e.spectra.tuned, 360) / want - 1.0;
        let relative = (w0 - &w1).norm_l2() / w0.norm_l2();
        println!(
            "{name}: ρ = {relative:.1e}, NSS {want:.1e}, slices {:+.1e}, f64 {:+.1e}",
            error(&got),
            error(&cpu)
        );
        assert!(relative < 1e-4, "{name}: a larger update would not test anything");
        assert!(error(&got).abs() < 1e-3, "{name}: off by {}", error(&got));
        let update =
            got.update.iter().zip(&cpu.update).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
        // f32 weights are rounded to 2^-30 of their column's largest, about 2^-28 of themselves:
        // 4e-4 of a Δ of 1e-5 if that added up.
        assert!(update < 4e-4 * (w0 - &w1).norm_l2(), "{name}: σ(Δ) is off by {update:e}");
    }
}
