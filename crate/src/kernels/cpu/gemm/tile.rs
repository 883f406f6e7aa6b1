//! The innermost loop: a tile of C in registers, one term of A and B after another.
//!
//! Written once over [`pulp::Simd`] and compiled for AVX-512, AVX2, NEON and wasm SIMD128; the tile
//! follows the register file. A term of a tile is one load of B per vector, one broadcast of A per
//! row and rows × vectors multiply-adds, so that arithmetic and not loading is the limit.

use crate::kernels::cpu::gemm::{Left, Packed};
use pulp::{Arch, Simd, WithSimd};

/// Terms that one f32 accumulator takes before it is added to C: a sum in two levels loses far
/// fewer digits than one long one (docs/numerics.md §11), and a slice of B of this length stays in
/// the first-level cache.
pub const CHUNK: usize = 256;

/// The row stride of decoded weights: one cache line more than [`CHUNK`], since a power of two
/// would put all rows into the same few cache sets.
pub const PANEL_STRIDE: usize = CHUNK + 16;

/// Returns the vectors per row of a tile for registers of so many floats.
const fn vectors(lanes: usize) -> usize {
    match lanes {
        16 => 1,
        8 | 4 => 2,
        _ => 8,
    }
}

/// Returns the columns of a tile on this machine.
pub fn width() -> usize {
    struct Width;
    impl WithSimd for Width {
        type Output = usize;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            S::F32_LANES * vectors(S::F32_LANES)
        }
    }
    Arch::new().dispatch(Width)
}

/// Adds Σ A·B over consecutive segments of terms to C. [`super::accumulate`] has checked the
/// bounds.
pub struct Accumulate<'a, 'c> {
    pub c: &'c mut [f32],
    pub stride: usize,
    pub rows: usize,
    pub left: &'a [Left<'a>],
    pub b: &'a Packed,
    pub first_term: usize,
}

impl WithSimd for Accumulate<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.tiles::<S, 8, 1>(simd),
            8 => self.tiles::<S, 6, 2>(simd),
            4 => self.tiles::<S, 4, 2>(simd),
            _ => self.tiles::<S, 4, 8>(simd),
        }
    }
}

impl Accumulate<'_, '_> {
    /// Goes over C in tiles of R rows by V vectors.
    #[inline(always)]
    fn tiles<S: Simd, const R: usize, const V: usize>(self, simd: S) {
        debug_assert_eq!(V, vectors(S::F32_LANES));
        let width = V * S::F32_LANES;
        for panel in 0..self.b.cols.div_ceil(width) {
            let columns = width.min(self.b.cols - panel * width);
            for row in (0..self.rows).step_by(R) {
                let rows = R.min(self.rows - row);
                let corner = row * self.stride + panel * width;
                let mut total = [[simd.splat_f32s(0.0); V]; R];
                let (mut term, mut open) = (self.first_term, 0);
                for left in self.left {
                    for start in (0..left.terms).step_by(CHUNK) {
                        let terms = CHUNK.min(left.terms - start);
                        if open + terms > CHUNK {
                            add(
                                simd,
                                &mut self.c[corner..],
                                self.stride,
                                (rows, columns),
                                &mut total,
                            );
                            open = 0;
                        }
                        let at = row * left.row_stride + start * left.term_stride;
                        // SAFETY: `accumulate` has checked that every row and term of `left` lies
                        // in its slice, and the terms of this panel in `b`, whose panels are padded
                        // to whole tiles. A whole tile of rows is read where it lies; at the edge
                        // the last row stands in for those past it, which are not written.
                        unsafe {
                            let b = self.b.data.as_ptr().add((panel * self.b.terms + term) * width);
                            let inside = left.data.len()
                                > at + (R - 1) * left.row_stride + (terms - 1) * left.term_stride;
                            let a = left.data.as_ptr().add(at);
                            match (inside, left.row_stride, left.term_stride) {
                                (true, PANEL_STRIDE, 1) => segment::<S, R, V>(
                                    simd,
                                    std::array::from_fn(|r| r * PANEL_STRIDE),
                                    a,
                                    1,
                                    terms,
                                    b,
                                    &mut total,
                                ),
                                (true, 1, PANEL_STRIDE) => segment::<S, R, V>(
                                    simd,
                                    std::array::from_fn(|r| r),
                                    a,
                                    PANEL_STRIDE,
                                    terms,
                                    b,
                                    &mut total,
                                ),
                                (true, 1, step) => segment::<S, R, V>(
                                    simd,
                                    std::array::from_fn(|r| r),
                                    a,
                                    step,
                                    terms,
                                    b,
                                    &mut total,
                                ),
                                (_, stride, step) => segment::<S, R, V>(
                                    simd,
                                    std::array::from_fn(|r| r.min(rows - 1) * stride),
                                    a,
                                    step,
                                    terms,
                                    b,
                                    &mut total,
                                ),
                            }
                        }
                        term += terms;
                        open += terms;
                    }
                }
                add(simd, &mut self.c[corner..], self.stride, (rows, columns), &mut total);
            }
        }
    }
}

/// Adds A·B of `terms` terms to `total`. Row r of A lies at `a + rows[r]`.
///
/// Offsets that are constant where this is inlined become part of the load instructions, and the
/// two pointers are all that moves: in wasm this is worth half of the speed.
///
/// # Safety
/// `a + rows[r] + t·step` and `b + t·V·lanes .. b + (t + 1)·V·lanes` must be readable for every r
/// and t < terms; no alignment is asked for.
#[inline(always)]
unsafe fn segment<S: Simd, const R: usize, const V: usize>(
    simd: S,
    rows: [usize; R],
    mut a: *const f32,
    step: usize,
    terms: usize,
    mut b: *const f32,
    total: &mut [[S::f32s; V]; R],
) {
    let mut sums = *total;
    for _ in 0..terms {
        // SAFETY: the caller's promise; after the last term the pointers are not read.
        unsafe {
            let right: [S::f32s; V] =
                std::array::from_fn(|v| b.add(v * S::F32_LANES).cast::<S::f32s>().read_unaligned());
            for r in 0..R {
                let weight = simd.splat_f32s(*a.add(rows[r]));
                for v in 0..V {
                    sums[r][v] = simd.mul_add_e_f32s(weight, right[v], sums[r][v]);
                }
            }
            a = a.wrapping_add(step);
            b = b.wrapping_add(V * S::F32_LANES);
        }
    }
    *total = sums;
}

/// Adds `total` to the tile of C at the start of `c`, and sets it to 0.
#[inline(always)]
fn add<S: Simd, const R: usize, const V: usize>(
    simd: S,
    c: &mut [f32],
    stride: usize,
    (rows, columns): (usize, usize),
    total: &mut [[S::f32s; V]; R],
) {
    for (r, sums) in total.iter_mut().enumerate() {
        for (v, sum) in sums.iter_mut().enumerate() {
            let first = v * S::F32_LANES;
            if r < rows && first < columns {
                let at = r * stride + first;
                let (whole, rest) =
                    S::as_mut_simd_f32s(&mut c[at..at + S::F32_LANES.min(columns - first)]);
                if let [out] = whole {
                    *out = simd.add_f32s(*out, *sum);
                } else {
                    simd.partial_store_f32s(
                        rest,
                        simd.add_f32s(simd.partial_load_f32s(rest), *sum),
                    );
                }
            }
            *sum = simd.splat_f32s(0.0);
        }
    }
}
