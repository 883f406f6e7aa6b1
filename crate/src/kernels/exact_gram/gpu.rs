//! The Gram matrix AᵀA of a weight matrix over its shorter side from 8-bit slices. It is exact,
//! since integer sums are the same on every device: docs/numerics.md §12.
//!
//! Each column of A (long × short, the matrix or its transpose) is scaled by a power of two to
//! integers below 2^29, cut into four balanced 8-bit digits; the products of all 16 pairs of digits
//! are summed in integers (`dot4I8Packed`), and an entry is rounded once, to f64, at the end. A
//! bf16 weight is represented exactly if it is 0 or at least 2^-22 of its column's largest; any
//! other weight is off by at most 2^-30 of that. By Mirsky the singular values then are off by
//! ‖E‖_F at most in the root of the sum of squares: below 2^-30·√(long·short) times the largest
//! weight, whatever the spectrum.
//!
//! Leaving out the pairs of small digits, as the fast modes of the Ozaki scheme do (Ootomo, Ozaki,
//! Yokota 2024; arXiv 2504.08009), spoils small singular values: docs/performance.md, "Gram
//! matrices from slices".

use crate::element::rows::steps;
use crate::error::Error;
use crate::kernels::Operand;
use crate::kernels::gpu::matrix::{GpuMatrix, check_same_shape};
use crate::kernels::gpu::shader::{GROUP, constants, decode, decode_pair, shared};
use crate::kernels::gpu::{Gpu, mismatch};
use faer::Mat;
use std::ops::Range;
use wgpu::Buffer;

/// Number of bits of the integers that stand for the weights of one matrix. That of a difference is
/// one more, and four balanced 8-bit digits hold 31.
pub(crate) const BITS: i32 = 29;
/// Rows of the sums of one workgroup; columns of digits are padded to a multiple of them.
const BLOCK_ROWS: usize = 32;
/// Columns of the sums of one workgroup.
const BLOCK_COLUMNS: usize = 16;
/// An invocation computes 4 × 2 sums.
const _: () = assert!(BLOCK_ROWS / 4 * (BLOCK_COLUMNS / 2) == GROUP);
/// Elements of a column that one invocation looks through for the largest.
const PER_INVOCATION: usize = 64;
/// The most groups of four rows of A in one dispatch. The bound of the i32 sums in gram.wgsl rests
/// on it.
const MOST_GROUPS: usize = 2048;
/// The most bytes of digits in one buffer.
const DIGIT_BYTES: usize = 32 << 20;
/// Bytes of sums that are computed and read back at a time.
const SUM_BYTES: usize = 8 << 20;
/// Words of a sum: 48 bits in two, and a signed one above.
const SUM_WORDS: usize = 3;
/// Bytes of a sum.
const SUM: usize = 4 * SUM_WORDS;
/// The longest longer side: up to it the sums stay below 2^79.
const LONGEST: usize = 1 << 18;

shared! {
    /// Parameters of scale.wgsl.
    struct ScaleParams {
        /// Rows of the tile.
        rows: u32,
        /// Columns of the matrix.
        columns: u32,
        /// The tile's first column of A.
        first_column: u32,
        /// Columns of A in the tile.
        own_columns: u32,
    }
}

shared! {
    /// Parameters of slices.wgsl.
    struct SlicesParams {
        /// Rows of the tile.
        rows: u32,
        /// Columns of the matrix.
        columns: u32,
        /// Groups of four rows of A to write.
        groups: u32,
        /// Columns of digits.
        stride: u32,
        /// The first group in the tile.
        first_group: u32,
        /// The group that the first one goes to.
        to_group: u32,
        /// The tile's first column of A.
        first_column: u32,
        /// Columns of A in the tile.
        own_columns: u32,
    }
}

shared! {
    /// Parameters of gram.wgsl.
    struct GramParams {
        /// Groups of four rows of A.
        groups: u32,
        /// Columns of digits.
        stride: u32,
        /// The first row of these sums in the Gram matrix.
        first_row: u32,
        /// Columns of these sums.
        width: u32,
        /// Blocks of rows of these sums.
        blocks: u32,
        /// 1 where the sums begin at zero, 0 where they go on.
        restart: u32,
    }
}

/// A buffer that is destroyed when it is dropped, also after an error. Otherwise a browser would
/// free it only when its collector runs.
struct OwnedBuffer(Buffer);

impl Drop for OwnedBuffer {
    fn drop(&mut self) {
        self.0.destroy();
    }
}

/// The layout of A in the matrix, and of its digits in buffers.
struct Layout {
    /// Whether A is the transpose of the matrix.
    wide: bool,
    /// Rows of A.
    long: usize,
    /// Columns of A.
    short: usize,
    /// Columns of digits, those of A and padding.
    stride: usize,
    /// Groups of four rows of A in one buffer.
    groups: usize,
}

impl Layout {
    /// Lays out the longer side in the rows of A, and as many groups in a buffer as it holds.
    fn new(w: &GpuMatrix) -> Self {
        let (long, short) = (w.rows.max(w.cols), w.rows.min(w.cols));
        let stride = short.next_multiple_of(BLOCK_ROWS).max(BLOCK_ROWS);
        let groups = (DIGIT_BYTES / (16 * stride)).clamp(1, MOST_GROUPS);
        Self { wide: w.rows < w.cols, long, short, stride, groups }
    }

    /// Returns the bytes of the digits and sums of so many groups.
    fn bytes(&self, groups: usize) -> u64 {
        (groups * self.stride * 16 + SUM_BYTES) as u64
    }

    /// Returns the groups of four rows of A that each tile of `w` holds: groups of its own if A is
    /// W, all groups if A is Wᵀ.
    fn owned_groups(&self, w: &GpuMatrix) -> Vec<Range<usize>> {
        let mut end = 0;
        let mut own = |rows: Range<usize>| {
            let start = if self.wide { 0 } else { end };
            end = start + if self.wide { self.long } else { rows.len() }.div_ceil(4);
            start..end
        };
        w.tiling().map(&mut own).collect()
    }

    /// Returns the tile's first column of A, and how many columns it holds.
    fn columns(&self, tile: &Range<usize>) -> (usize, usize) {
        if self.wide { (tile.start, tile.len()) } else { (0, self.short) }
    }
}

/// Returns the lower half of AᵀA, short × short in f64, A being an operand or its transpose.
/// Weights have to be finite. `None` if the longer side is over 2^18, or if digits and sums (about
/// four bytes per weight) take more than `room` bytes.
///
/// # Errors
/// [`Error::OutOfMemory`] if the device cannot hold them after all.
pub(crate) async fn sum_exact_gram(
    gpu: &Gpu,
    w: Operand<'_, GpuMatrix>,
    room: u64,
) -> Result<Option<Mat<f64>>, Error> {
    let (base, tuned) = match w {
        Operand::One(m) => (m, m),
        Operand::Difference(base, tuned) => (base, tuned),
    };
    check_same_shape(base, tuned)?;
    let layout = Layout::new(base);
    let owned = layout.owned_groups(base);
    let all = owned.last().map_or(0, |groups| groups.end);
    if layout.long > LONGEST || layout.bytes(all) > room {
        return Ok(None);
    }
    let mut out = Mat::zeros(layout.short, layout.short);
    if layout.short == 0 {
        return Ok(Some(out));
    }
    let largest = find_largest(gpu, base, tuned, &layout).await?;
    let digits = cut_digits(gpu, w, &layout, &owned, &largest.0).await?;
    let magnitudes: Vec<u32> =
        gpu.device.read(gpu.device.encoder(), &largest.0, 0..4 * layout.short as u64).await?;
    drop(largest);
    let units: Vec<i32> = magnitudes.iter().map(|m| (m >> 23).max(1) as i32 - 126 - BITS).collect();
    let strip = (SUM_BYTES / (SUM * layout.stride)).next_multiple_of(BLOCK_ROWS).min(layout.stride);
    let sums = OwnedBuffer(gpu.device.allocate((strip * layout.stride * SUM) as u64).await?);
    for rows in steps(layout.stride, strip) {
        // Columns past the diagonal are not wanted.
        let width = rows.end;
        let mut encoder = gpu.device.encoder();
        for (chunk, digits) in steps(all, layout.groups).zip(&digits) {
            let blocks = rows.len() / BLOCK_ROWS;
            let parameters = GramParams {
                groups: chunk.len() as u32,
                stride: layout.stride as u32,
                first_row: rows.start as u32,
                width: width as u32,
                blocks: blocks as u32,
                restart: u32::from(chunk.start == 0),
            };
            let invocations = blocks * (width / BLOCK_COLUMNS) * GROUP;
            let source = || {
                let constants = constants![BLOCK_ROWS, BLOCK_COLUMNS, SUM_WORDS];
                format!("{constants}{}", include_str!("gram.wgsl"))
            };
            gpu.device.dispatch(
                &mut encoder,
                "slices gram",
                source,
                &parameters,
                &[&digits.0, &sums.0],
                invocations as u64,
            )?;
        }
        let found: Vec<u32> =
            gpu.device.read(encoder, &sums.0, 0..(rows.len() * width * SUM) as u64).await?;
        for i in rows.start..rows.end.min(layout.short) {
            for j in 0..=i {
                let at = ((i - rows.start) * width + j) * SUM_WORDS;
                out[(i, j)] =
                    round_sum([found[at], found[at + 1], found[at + 2]], units[i] + units[j]);
            }
        }
    }
    Ok(Some(out))
}

/// Returns the sum in these words times 2^`unit`, rounded once.
fn round_sum([low, middle, high]: [u32; 3], unit: i32) -> f64 {
    let sum = (i128::from(high as i32) << 48) + (i128::from(middle) << 32) + i128::from(low);
    sum as f64 * 2f64.powi(unit)
}

/// Finds the largest magnitude of each column of A over both matrices, as f32 bits.
async fn find_largest(
    gpu: &Gpu,
    base: &GpuMatrix,
    tuned: &GpuMatrix,
    layout: &Layout,
) -> Result<OwnedBuffer, Error> {
    let largest = OwnedBuffer(gpu.device.allocate(4 * layout.short as u64).await?);
    let wide = layout.wide;
    let name = format!("slices scale {:?} {wide}", base.dtype);
    let encoder = gpu
        .for_each_tile(base, tuned, |encoder, a, b| {
            let (first, columns) = layout.columns(&(a.first_row..a.first_row + a.rows));
            let length = if wide { base.cols } else { a.rows };
            let parameters = ScaleParams {
                rows: a.rows as u32,
                columns: base.cols as u32,
                first_column: first as u32,
                own_columns: columns as u32,
            };
            let source = || {
                format!(
                    "const WIDE = {wide};\n{}{}{}",
                    constants![PER_INVOCATION],
                    decode(base.dtype),
                    include_str!("scale.wgsl")
                )
            };
            let invocations = (columns * length.div_ceil(PER_INVOCATION)) as u64;
            for side in [a, b] {
                gpu.device.dispatch(
                    encoder,
                    &name,
                    source,
                    &parameters,
                    &[&side.words, &largest.0],
                    invocations,
                )?;
            }
            Ok(())
        })
        .await?;
    gpu.device.submit(encoder)?;
    Ok(largest)
}

/// Cuts all groups of four rows of A into digits, in buffers of as many groups as `layout` says.
/// `owned` are the groups of each tile.
async fn cut_digits(
    gpu: &Gpu,
    w: Operand<'_, GpuMatrix>,
    layout: &Layout,
    owned: &[Range<usize>],
    largest: &Buffer,
) -> Result<Vec<OwnedBuffer>, Error> {
    let (base, tuned, difference) = match w {
        Operand::One(m) => (m, m, false),
        Operand::Difference(base, tuned) => (base, tuned, true),
    };
    let all = owned.last().map_or(0, |groups| groups.end);
    let mut digits = Vec::new();
    for chunk in steps(all, layout.groups) {
        digits.push(OwnedBuffer(
            gpu.device.allocate((chunk.len() * layout.stride * 16) as u64).await?,
        ));
    }
    let wide = layout.wide;
    let name = format!("slices {:?} {wide} {difference}", base.dtype);
    let mut owned = owned.iter();
    let encoder = gpu
        .for_each_tile(base, tuned, |encoder, a, b| {
            let own = owned.next().ok_or_else(|| mismatch("more tiles than were planned"))?;
            let (first, columns) = layout.columns(&(a.first_row..a.first_row + a.rows));
            for (chunk, digits) in steps(all, layout.groups).zip(&digits) {
                let (start, end) = (own.start.max(chunk.start), own.end.min(chunk.end));
                if start >= end {
                    continue;
                }
                let parameters = SlicesParams {
                    rows: a.rows as u32,
                    columns: base.cols as u32,
                    groups: (end - start) as u32,
                    stride: layout.stride as u32,
                    first_group: (start - own.start) as u32,
                    to_group: (start - chunk.start) as u32,
                    first_column: first as u32,
                    own_columns: columns as u32,
                };
                let source = || {
                    format!(
                        "const WIDE = {wide};\nconst DIFFERENCE = {difference};\n{}{}{}",
                        constants![BITS],
                        decode_pair(base.dtype),
                        include_str!("slices.wgsl")
                    )
                };
                let buffers = [&a.words, &b.words, largest, &digits.0];
                let invocations = ((end - start) * columns) as u64;
                gpu.device.dispatch(encoder, &name, source, &parameters, &buffers, invocations)?;
            }
            Ok(())
        })
        .await?;
    gpu.device.submit(encoder)?;
    Ok(digits)
}
