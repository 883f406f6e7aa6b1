//! The kernels against their twin, bit by bit, and the whole spectrum against the f64 route.
//! Without an adapter they fail.

use crate::element::dtype::Dtype;
use crate::kernels::exact_gram::cpu as twin;
use crate::kernels::gpu::Gpu;
use crate::kernels::gpu::device::Prefer;
use crate::kernels::{Backend, Operand};
use half::{bf16, f16};
use pollster::block_on;

fn gpu() -> Gpu {
    block_on(Gpu::new(Prefer::Fast))
        .expect("these tests need a WebGPU adapter (lavapipe will do)")
        .with_exact_grams(true)
}

/// Row-major values in a dtype, and as its bytes.
struct Stored {
    shape: (usize, usize),
    dtype: Dtype,
    values: Vec<f32>,
    bytes: Vec<u8>,
}

impl Stored {
    fn new(shape: (usize, usize), dtype: Dtype, mut at: impl FnMut(usize) -> f32) -> Self {
        let (mut values, mut bytes) = (Vec::new(), Vec::new());
        for i in 0..shape.0 * shape.1 {
            let x = at(i);
            let x = match dtype {
                Dtype::Bf16 => {
                    let x = bf16::from_f32(x);
                    bytes.extend(x.to_le_bytes());
                    x.to_f32()
                }
                Dtype::F16 => {
                    let x = f16::from_f32(x);
                    bytes.extend(x.to_le_bytes());
                    x.to_f32()
                }
                _ => {
                    bytes.extend(x.to_le_bytes());
                    x
                }
            };
            values.push(x);
        }
        Self { shape, dtype, values, bytes }
    }

    fn on<B: Backend>(&self, device: &B) -> B::Matrix {
        block_on(device.matrix(self.shape.0, self.shape.1, self.dtype, self.bytes.clone()))
            .expect("upload")
    }
}

/// Values over many orders of magnitude: signs, zeros, subnormal numbers of bf16 and f32 and the
/// largest finite ones occur.
fn wild(seed: u64) -> impl FnMut(usize) -> f32 {
    let mut state = seed;
    move |i| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let bits = (state >> 32) as u32;
        match i % 7 {
            0 => 0.0,
            // Any finite bits.
            1 => f32::from_bits(if bits & 0x7f80_0000 == 0x7f80_0000 {
                bits ^ 0x4000_0000
            } else {
                bits
            }),
            _ => bits as i32 as f32 * (-38f32).exp2(),
        }
    }
}

fn plain(seed: u64) -> impl FnMut(usize) -> f32 {
    let mut state = seed;
    move |_| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 32) as i32 as f32 * (-33f32).exp2()
    }
}

fn zeros(shape: (usize, usize)) -> Stored {
    Stored::new(shape, Dtype::F32, |_| 0.0)
}

fn assert_bits(gpu: &Gpu, base: &Stored, tuned: &Stored, what: &str) {
    let (a, b) = (base.on(gpu), tuned.on(gpu));
    let (m, n) = base.shape;
    for (operand, want, which) in [
        (Operand::One(&a), twin::gram(m, n, None, &base.values), "base"),
        (
            Operand::Difference(&a, &b),
            twin::gram(m, n, Some(&base.values), &tuned.values),
            "difference",
        ),
    ] {
        let got = block_on(gpu.exact_gram(operand, u64::MAX))
            .expect("a Gram matrix")
            .expect("the adapter has dot4I8Packed");
        assert_eq!((got.nrows(), got.ncols()), (m.min(n), m.min(n)));
        for i in 0..m.min(n) {
            for j in 0..=i {
                assert_eq!(
                    got[(i, j)].to_bits(),
                    want[(i, j)].to_bits(),
                    "{what}, {which} ({i}, {j}): {} is not {}",
                    got[(i, j)],
                    want[(i, j)]
                );
            }
        }
    }
}

#[test]
fn slices_are_their_twin_to_the_last_bit() {
    let mut device = gpu();
    for dtype in [Dtype::Bf16, Dtype::F16, Dtype::F32] {
        for shape in
            [(1, 1), (1, 37), (41, 1), (5, 7), (67, 33), (33, 67), (300, 129), (64, 64), (2, 1030)]
        {
            for tile in [128 << 20, (shape.1 * dtype.size() * 2) as u64 + 1] {
                device = device.with_tile_bytes(tile);
                let what = format!("{dtype:?} {shape:?} tiles of {tile}");
                // Halves have no room for wild values.
                let (base, tuned) = match dtype {
                    Dtype::F16 => {
                        (Stored::new(shape, dtype, plain(1)), Stored::new(shape, dtype, plain(2)))
                    }
                    _ => (Stored::new(shape, dtype, wild(1)), Stored::new(shape, dtype, wild(2))),
                };
                assert_bits(&device, &base, &tuned, &what);
            }
        }
    }
}

#[test]
fn slices_of_degenerate_matrices() {
    let device = gpu();
    let shape = (90, 35);
    assert_bits(&device, &zeros(shape), &zeros(shape), "zero");
    let mut row = plain(3);
    let once: Vec<f32> = (0..35).map(&mut row).collect();
    let rank_one = Stored::new(shape, Dtype::F32, |i| once[i % 35]);
    assert_bits(&device, &zeros(shape), &rank_one, "rank one");
    // The top digit at its ends, in the difference too.
    let largest = Stored::new(shape, Dtype::F32, |i| if i % 2 == 0 { f32::MAX } else { f32::MIN });
    let opposite = Stored::new(shape, Dtype::F32, |i| if i % 2 == 0 { f32::MIN } else { f32::MAX });
    assert_bits(&device, &largest, &opposite, "largest");
    // Every lower digit −128 in a full dispatch: the i32 sums reach their bound.
    let eights = Stored::new((9000, 2), Dtype::F32, |_| 0x83_fbfc as f32);
    assert_bits(&device, &eights, &zeros((9000, 2)), "digits of −128");
}

#[test]
fn slices_over_many_buffers() {
    let device = gpu();
    // More rows than a dispatch takes, either way; more columns than one strip of sums.
    for shape in [(20_001, 3), (3, 20_001), (40, 1100), (1100, 1050)] {
        let (mut a, mut b) = (plain(5), plain(6));
        let base = Stored::new(shape, Dtype::Bf16, &mut a);
        let tuned =
            Stored::new(shape, Dtype::Bf16, |i| if i % 11 == 0 { b(i) } else { base.values[i] });
        assert_bits(&device, &base, &tuned, &format!("{shape:?}"));
    }
}

#[test]
fn a_device_may_leave_grams_to_the_cpu() {
    let of = |device: &Gpu, room: u64| {
        let w = Stored::new((40, 40), Dtype::Bf16, plain(1)).on(device);
        block_on(device.exact_gram(Operand::One(&w), room)).expect("no error")
    };
    assert!(of(&gpu(), 16 << 20).is_some());
    assert!(of(&gpu(), 8 << 20).is_none(), "there is no room for the digits");
    assert!(of(&gpu().with_exact_grams(false), 16 << 20).is_none());
}
