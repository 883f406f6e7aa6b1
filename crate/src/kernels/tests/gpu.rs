//! Naive f64 and bit-exact checks on awkward shapes. Without an adapter they fail: a skip would
//! prove nothing.

mod counts;
mod streamed;

use crate::element::Dtype;
use crate::error::Error;
use crate::kernels::gpu::{Gpu, GpuMatrix, Prefer};
use crate::kernels::{Backend, Operand};
use faer::Mat;
use half::{bf16, f16};

const DTYPES: [Dtype; 3] = [Dtype::Bf16, Dtype::F16, Dtype::F32];
const SHAPES: [(usize, usize); 7] =
    [(1, 1), (1, 37), (41, 1), (5, 7), (67, 33), (300, 129), (64, 64)];

fn gpu() -> Gpu {
    pollster::block_on(Gpu::new(Prefer::Fast))
        .expect("these tests need a WebGPU adapter (lavapipe will do)")
}

/// A tiny generator: the same values on every machine.
struct Values(u64);

impl Values {
    fn bits(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 32) as u32
    }
    fn next(&mut self) -> f32 {
        self.bits() as f32 / (1u64 << 31) as f32 - 1.0
    }
    fn many(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.next()).collect()
    }
}

fn encode(dtype: Dtype, values: &[f32]) -> Vec<u8> {
    match dtype {
        Dtype::Bf16 => values.iter().flat_map(|&x| bf16::from_f32(x).to_le_bytes()).collect(),
        Dtype::F16 => values.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect(),
        _ => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
    }
}

fn decode(dtype: Dtype, bytes: &[u8]) -> Vec<f32> {
    match dtype {
        Dtype::Bf16 => {
            bytes.chunks_exact(2).map(|b| bf16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
        }
        Dtype::F16 => {
            bytes.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
        }
        _ => bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
    }
}

/// Rounding of a chunk of 256 sums like a random walk of √256 steps of 2^-24 Σ|a||b|; the second
/// accumulator adds fewer than √16 such steps here, and 4 standard deviations cover what remains.
fn assert_close(got: f64, want: f64, size: f64, what: &str) {
    let bound = 4.0 * 16.0 * (-24f64).exp2() * size;
    assert!((got - want).abs() <= bound, "{what}: {got} is not {want} within {bound}");
}

async fn upload(gpu: &Gpu, shape: (usize, usize), dtype: Dtype, bytes: &[u8]) -> GpuMatrix {
    gpu.matrix(shape.0, shape.1, dtype, bytes.to_vec()).await.unwrap()
}

/// Tiles of the device's own size, and of two or a few rows.
fn tilings(cols: usize, dtype: Dtype) -> [u64; 2] {
    [128 << 20, (cols * dtype.size() * 2) as u64 + 1]
}

#[test]
fn gpu_product() {
    pollster::block_on(async {
        let mut v = Values(1);
        for dtype in DTYPES {
            for (m, n) in SHAPES {
                let a = encode(dtype, &v.many(m * n));
                let b = encode(dtype, &v.many(m * n));
                let (wa, wb) = (decode(dtype, &a), decode(dtype, &b));
                for tile in tilings(n, dtype) {
                    let gpu = gpu().with_tile_bytes(tile);
                    let (ma, mb) = (
                        upload(&gpu, (m, n), dtype, &a).await,
                        upload(&gpu, (m, n), dtype, &b).await,
                    );
                    assert!(tile == 128 << 20 || m < 5 || ma.tile_count() >= 3);
                    for (transpose, k) in [(false, 1), (false, 6), (true, 5), (true, 8)] {
                        let (outputs, length) = if transpose { (n, m) } else { (m, n) };
                        let data = v.many(length * k);
                        let x = gpu.block(length, k, &data).unwrap();
                        for difference in [false, true] {
                            let w = if difference {
                                Operand::Difference(&ma, &mb)
                            } else {
                                Operand::One(&ma)
                            };
                            let y = gpu.product(w, transpose, &x).await.unwrap();
                            let got = gpu.read(&y).await.unwrap();
                            assert_eq!(got.len(), outputs * k);
                            for o in 0..outputs {
                                for c in 0..k {
                                    let (mut want, mut size) = (0.0, 0.0);
                                    for t in 0..length {
                                        let e = if transpose { t * n + o } else { o * n + t };
                                        let w = if difference { wb[e] - wa[e] } else { wa[e] };
                                        let term = f64::from(w) * f64::from(data[t * k + c]);
                                        want += term;
                                        size += term.abs();
                                    }
                                    let what = format!(
                                        "{dtype:?} {m}x{n} {transpose} {difference} ({o}, {c})"
                                    );
                                    assert_close(got[o * k + c].into(), want, size, &what);
                                }
                            }
                        }
                    }
                }
            }
        }
    });
}

#[test]
fn gpu_gram_and_combine() {
    pollster::block_on(async {
        let gpu = gpu();
        let mut v = Values(2);
        for rows in [1, 3, 257, 1030, 20_000] {
            let widths = [3, 1, 8];
            let data: Vec<_> = widths.iter().map(|&w| v.many(rows * w)).collect();
            let blocks: Vec<_> =
                widths.iter().zip(&data).map(|(&w, d)| gpu.block(rows, w, d).unwrap()).collect();
            let at = |r: usize, c: usize| match c {
                0..3 => data[0][r * 3 + c],
                3 => data[1][r],
                _ => data[2][r * 8 + c - 4],
            };
            let g = gpu
                .gram(&[&blocks[0], &blocks[1]], &[&blocks[0], &blocks[1], &blocks[2]])
                .await
                .unwrap();
            assert_eq!((g.nrows(), g.ncols()), (4, 12));
            for i in 0..4 {
                for j in 0..12 {
                    let terms = (0..rows).map(|r| f64::from(at(r, i)) * f64::from(at(r, j)));
                    let (want, size) = terms.fold((0.0, 0.0), |(w, s), t| (w + t, s + t.abs()));
                    assert_close(g[(i, j)], want, size, &format!("gram of {rows} rows ({i}, {j})"));
                }
            }
            let c0 = Mat::from_fn(3, 5, |i, j| (i * 5 + j) as f64 / 8.0 - 1.0);
            let c2 = Mat::from_fn(8, 5, |i, j| 0.5 - (i + j) as f64 / 16.0);
            let initial = v.many(rows * 5);
            let start = gpu.block(rows, 5, &initial).unwrap();
            for s in [None, Some(&start)] {
                let out = gpu
                    .combine(s, &[(&blocks[0], c0.as_ref()), (&blocks[2], c2.as_ref())])
                    .await
                    .unwrap();
                let got = gpu.read(&out).await.unwrap();
                for r in 0..rows {
                    for j in 0..5 {
                        let mut want =
                            if s.is_some() { f64::from(initial[r * 5 + j]) } else { 0.0 };
                        want += (0..3).map(|i| f64::from(at(r, i)) * c0[(i, j)]).sum::<f64>();
                        want += (0..8).map(|i| f64::from(at(r, 4 + i)) * c2[(i, j)]).sum::<f64>();
                        assert_close(got[r * 5 + j].into(), want, 12.0, "combine");
                    }
                }
            }
        }
    });
}

#[test]
fn gpu_errors_are_plain() {
    pollster::block_on(async {
        let gpu = gpu();
        assert!(gpu.info().software || !gpu.info().backend.is_empty());
        let f64_matrix = gpu.matrix(1, 1, Dtype::F64, vec![0; 8]).await;
        assert!(matches!(f64_matrix, Err(Error::Device(t)) if t.contains("CPU backend")));
        assert!(gpu.matrix(2, 2, Dtype::F32, vec![0; 8]).await.is_err());
        assert!(matches!(
            gpu.empty_block(1 << 20, 1 << 12).await,
            Err(Error::OutOfMemory(t)) if t.contains("limit")
        ));
        let m = gpu.matrix(1, 1, Dtype::F32, vec![0; 4]).await.unwrap();
        let x = gpu.block(2, 1, &[0.0; 2]).unwrap();
        assert!(gpu.product(Operand::One(&m), false, &x).await.is_err());
    });
}
