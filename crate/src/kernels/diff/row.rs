//! The counts of a piece of a row, block by block: equal blocks leave early.

use crate::element::decode::Element;
use crate::element::gate::{is_unchanged, passes};
use crate::kernels::diff::{DiffCounts, DiffQuery, FAR, ULP_ZERO};
use std::marker::PhantomData;

/// bf16 codes from here on are infinite or NaN.
const INFINITE: u16 = 0x7f80;
/// Number of bf16 codes.
pub(crate) const CODES: usize = 1 << 16;
/// Weights that are compared at a time.
const BLOCK: usize = 16;
/// The most weights of a block that are counted one by one where they differ.
const FEW: u32 = 5;
/// f64 sums side by side, so that they fill vector registers of every width.
const LANES: usize = 8;

/// Returns the place of a bf16 code in the order of values; −0 and +0 have the same.
#[inline(always)]
fn order_code(bits: u16) -> i32 {
    let (magnitude, negative) = (i32::from(bits & 0x7fff), i32::from(bits >> 15));
    // Signs follow no pattern that a processor could foresee, so there is no branch, nor below.
    (magnitude ^ -negative) + negative
}

/// Returns the bin of a signed distance in bf16 codes.
#[inline(always)]
fn ulp_bin(distance: i32) -> usize {
    let size = distance.unsigned_abs();
    let j = match size {
        0 => 0,
        FAR.. => ULP_ZERO,
        _ => (32 - (size - 1).leading_zeros() as usize + 1).min(16),
    };
    let negative = usize::from(distance < 0);
    ULP_ZERO.wrapping_add(j ^ negative.wrapping_neg()).wrapping_add(negative)
}

/// The sums of one row. They go row by row into one total, so that its rounding does not depend on
/// the tiles.
#[derive(Default)]
pub(crate) struct RowSums {
    /// Σ w0², unless the counts by code give it.
    base_squared: [f64; LANES],
    update_squared: [f64; LANES],
    base_dot_update: [f64; LANES],
    /// Weights with equal bits and a finite bf16 code.
    equal: u64,
    changed: u64,
}

impl RowSums {
    /// Adds the sums to the counts of row `r`.
    pub(crate) fn add_to(self, c: &mut DiffCounts, r: usize) {
        for counter in [
            &mut c.bit_equal,
            &mut c.unchanged,
            &mut c.within_abs,
            &mut c.unchanged_stored,
            &mut c.ulp[ULP_ZERO],
        ] {
            *counter += self.equal;
        }
        c.row_changed[r] = self.changed;
        c.base_squared += self.base_squared.iter().sum::<f64>();
        c.update_squared += self.update_squared.iter().sum::<f64>();
        c.base_dot_update += self.base_dot_update.iter().sum::<f64>();
    }
}

/// Consecutive weights of row `row`, from column `first` on, and where their counts go.
pub(crate) struct Piece<'a, E> {
    pub(crate) counts: &'a mut DiffCounts,
    /// Weights that are finite on both sides, by the bf16 code of the base, sign included: apart
    /// from the sum over both signs, two neighbours seldom touch one counter.
    pub(crate) codes: &'a mut [u32; CODES],
    pub(crate) query: &'a DiffQuery,
    /// The cell of each column, in the first row of cells.
    pub(crate) cells: &'a [usize],
    pub(crate) row: usize,
    pub(crate) first: usize,
    pub(crate) base: &'a [u8],
    pub(crate) tuned: &'a [u8],
    pub(crate) sums: &'a mut RowSums,
    pub(crate) element: PhantomData<E>,
}

impl<E: Element> Piece<'_, E> {
    /// Adds the counts. It is a function of its own, called once per row, since browsers start in
    /// slow code and change to fast code only between two calls.
    #[inline(never)]
    pub(crate) fn count(self) {
        pulp::Arch::new().dispatch(self);
    }

    /// Adds the counts of some weights, from column `column` on, one by one.
    #[inline(always)]
    fn count_each(&mut self, column: usize, base: &[u8], tuned: &[u8]) {
        let first_cell = self.query.grid.cell(self.row, 0);
        for (i, (b0, b1)) in base.chunks_exact(E::SIZE).zip(tuned.chunks_exact(E::SIZE)).enumerate()
        {
            let (e0, e1) = (E::read(b0), E::read(b1));
            let code0 = e0.bf16();
            let sums = &mut *self.sums;
            // A finite f32 may round to an infinite bf16, so the code alone does not tell; the slow
            // way does.
            if e0.bits() == e1.bits() && code0 & 0x7fff < INFINITE {
                self.codes[usize::from(code0)] += 1;
                sums.equal += 1;
                let w0 = e0.f64();
                sums.base_squared[0] += w0 * w0;
                continue;
            }
            let column = column + i;
            let cell = first_cell + self.cells[column];
            let (w0, w1) = (e0.f64(), e1.f64());
            let c = &mut *self.counts;
            c.bit_equal += u64::from(e0.bits() == e1.bits());
            if !(w0.is_finite() && w1.is_finite()) {
                c.non_finite += 1;
                sums.changed += 1;
                c.column_changed[column] += 1;
                c.map_changed[cell] += 1;
                c.map_non_finite[cell] += 1;
                continue;
            }
            self.codes[usize::from(code0)] += 1;
            sums.base_squared[0] += w0 * w0;
            self.count_finite(column, e0, e1);
        }
    }

    /// Adds the counts of one finite weight, but for its code and its square.
    #[inline(always)]
    fn count_finite(&mut self, column: usize, e0: E, e1: E) {
        let (c, query, sums) = (&mut *self.counts, self.query, &mut *self.sums);
        let cell = query.grid.cell(self.row, 0) + self.cells[column];
        let ((w0, w1), (code0, code1)) = ((e0.f64(), e1.f64()), (e0.bf16(), e1.bf16()));
        if w0 == w1 {
            c.unchanged += 1;
            c.within_abs += 1;
            c.unchanged_stored += 1;
            c.ulp[ULP_ZERO] += 1;
            return;
        }
        let gate = passes(w0, w1, code0, code1, query.eta as f32);
        let (delta, magnitude) = (w1 - w0, usize::from(code0 & 0x7fff));
        c.unchanged += u64::from(gate);
        c.hidden += u64::from(gate);
        c.within_abs += u64::from(e1.is_within(e0, query.abs_tolerance));
        c.unchanged_stored += u64::from(e1.is_close(e0, query.eta));
        c.ulp[ulp_bin(order_code(code1) - order_code(code0))] += 1;
        c.magnitude_update[magnitude] += delta.abs();
        sums.update_squared[0] += delta * delta;
        sums.base_dot_update[0] += w0 * delta;
        if delta.abs() > c.max_abs_update {
            c.max_abs_update = delta.abs();
        }
        let moved = u64::from(!gate);
        c.magnitude_changed[magnitude] += moved;
        c.map_update[cell] += delta.abs();
        c.map_changed[cell] += moved;
        sums.changed += moved;
        c.column_changed[column] += moved;
    }

    /// Adds the counts of the weights of a block that are set in `apart`, whose bits differ, and
    /// are finite.
    #[inline(always)]
    fn count_few(&mut self, column: usize, base: &[u8], tuned: &[u8], mut apart: u32) {
        while apart != 0 {
            let i = apart.trailing_zeros() as usize % BLOCK;
            apart &= apart - 1;
            let at = i * E::SIZE..(i + 1) * E::SIZE;
            self.count_finite(column + i, E::read(&base[at.clone()]), E::read(&tuned[at]));
        }
    }
}

/// Returns whether two runs of bytes are equal, without a call for each run.
#[inline(always)]
fn is_equal(a: &[u8], b: &[u8]) -> bool {
    let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("8 bytes"));
    let mut apart = 0;
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        apart |= word(a) ^ word(b);
    }
    apart == 0
}

/// Returns a bit for each element of a block: whether the stored bits differ.
#[inline(always)]
fn find_apart<E: Element>(base: &[u8], tuned: &[u8]) -> u32 {
    let mut apart = 0;
    let pairs = base.chunks_exact(E::SIZE).zip(tuned.chunks_exact(E::SIZE));
    for (i, (b0, b1)) in pairs.enumerate() {
        apart |= u32::from(E::read(b0).bits() != E::read(b1).bits()) << i;
    }
    apart
}

/// Returns what `item` makes of each element of a block. Loops over zipped slices stay in vector
/// registers; indices, `array::from_fn` and `map` do not always.
#[inline(always)]
fn of_each<E: Element, T: Copy + Default>(bytes: &[u8], item: impl Fn(E) -> T) -> [T; BLOCK] {
    let mut out = [T::default(); BLOCK];
    for (o, b) in out.iter_mut().zip(bytes.chunks_exact(E::SIZE)) {
        *o = item(E::read(b));
    }
    out
}

/// Returns how many pairs of elements of two blocks pass a test.
#[inline(always)]
fn count_pairs<E: Element>(base: &[u8], tuned: &[u8], test: impl Fn(E, E) -> bool) -> u64 {
    let mut passed = [0u16; BLOCK];
    let pairs = base.chunks_exact(E::SIZE).zip(tuned.chunks_exact(E::SIZE));
    for (passed, (b0, b1)) in passed.iter_mut().zip(pairs) {
        *passed = u16::from(test(E::read(b0), E::read(b1)));
    }
    sum(&passed)
}

/// Returns the sum of small counts.
#[inline(always)]
fn sum(counts: &[u16; BLOCK]) -> u64 {
    let mut sum = 0u16;
    for count in counts {
        sum += count;
    }
    sum.into()
}

/// Returns whether all bf16 codes are of finite values.
#[inline(always)]
fn are_finite(codes: &[u16; BLOCK]) -> bool {
    let mut largest = 0;
    for code in codes {
        largest = largest.max(code & 0x7fff);
    }
    largest < INFINITE
}

/// Counts the codes of a block. They are read from memory, which the black box sees to: taken one
/// by one out of a vector register, they were counted ten times as slowly for F16 (Zen 4).
#[inline(always)]
fn count_codes(counts: &mut [u32; CODES], codes: &[u16; BLOCK]) {
    let codes = std::hint::black_box(codes);
    for code in codes {
        counts[usize::from(*code)] += 1;
    }
}

/// Adds the products of two runs, lane by lane.
#[inline(always)]
fn add_products(sums: &mut [f64; LANES], a: &[f64; BLOCK], b: &[f64; BLOCK]) {
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
}

impl<E: Element> Piece<'_, E> {
    /// Adds the counts of a block in which every weight and its bf16 code are finite.
    #[inline(always)]
    fn count_block(&mut self, column: usize, base: &[u8], tuned: &[u8]) {
        let (c, sums) = (&mut *self.counts, &mut *self.sums);
        let DiffQuery { eta, abs_tolerance, .. } = *self.query;
        let (codes0, codes1) = (of_each(base, E::bf16), of_each(tuned, E::bf16));
        let (w0, w1) = (of_each(base, E::f64), of_each(tuned, E::f64));
        let (mut delta, mut same, mut hidden) = ([0.0; BLOCK], [0u16; BLOCK], [0u16; BLOCK]);
        let mut distance = [0; BLOCK];
        let mut apart = 0u32;
        for i in 0..BLOCK {
            let (b0, b1) = (codes0[i], codes1[i]);
            same[i] = u16::from((b0 == b1) | is_unchanged(b0, b1, eta as f32));
            delta[i] = w1[i] - w0[i];
            distance[i] = order_code(b1) - order_code(b0);
            hidden[i] = same[i] & u16::from(w0[i] != w1[i]);
            apart |= u32::from(w0[i] != w1[i]) << i;
        }
        c.bit_equal += count_pairs(base, tuned, |e0: E, e1| e0.bits() == e1.bits());
        c.unchanged += sum(&same);
        c.hidden += sum(&hidden);
        c.within_abs += count_pairs(base, tuned, |e0: E, e1| e1.is_within(e0, abs_tolerance));
        c.unchanged_stored += count_pairs(base, tuned, |e0: E, e1| e1.is_close(e0, eta));
        c.ulp[ULP_ZERO] += u64::from(BLOCK as u32 - apart.count_ones());
        if !E::IS_BF16 {
            add_products(&mut sums.base_squared, &w0, &w0);
        }
        add_products(&mut sums.update_squared, &delta, &delta);
        add_products(&mut sums.base_dot_update, &w0, &delta);
        count_codes(self.codes, &codes0);
        let first_cell = self.query.grid.cell(self.row, 0);
        // Neighbours fall into one cell, whose sum would wait for each of them.
        let (mut cell, mut update, mut changed) = (first_cell + self.cells[column], 0.0, 0);
        while apart != 0 {
            let i = apart.trailing_zeros() as usize % BLOCK;
            apart &= apart - 1;
            let here = first_cell + self.cells[column + i];
            if here != cell {
                c.map_update[cell] += update;
                c.map_changed[cell] += changed;
                (cell, update, changed) = (here, 0.0, 0);
            }
            let (moved, size) = (u64::from(1 - same[i]), delta[i].abs());
            c.ulp[ulp_bin(distance[i])] += 1;
            let magnitude = usize::from(codes0[i] & 0x7fff);
            c.magnitude_update[magnitude] += size;
            c.magnitude_changed[magnitude] += moved;
            c.column_changed[column + i] += moved;
            if size > c.max_abs_update {
                c.max_abs_update = size;
            }
            update += size;
            changed += moved;
            sums.changed += moved;
        }
        c.map_update[cell] += update;
        c.map_changed[cell] += changed;
    }
}

impl<E: Element> pulp::WithSimd for Piece<'_, E> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(mut self, _: S) {
        let (base, tuned) = (self.base, self.tuned);
        let size = BLOCK * E::SIZE;
        let (mut column, mut equal) = (self.first, 0);
        let mut squares = [0.0; LANES];
        for (b0, b1) in base.chunks_exact(size).zip(tuned.chunks_exact(size)) {
            let codes = of_each(b0, E::bf16);
            let equal_here = is_equal(b0, b1);
            if !are_finite(&codes) || (!equal_here && !are_finite(&of_each(b1, E::bf16))) {
                self.count_each(column, b0, b1);
            } else {
                let apart = if equal_here { 0 } else { find_apart::<E>(b0, b1) };
                if apart.count_ones() > FEW {
                    self.count_block(column, b0, b1);
                } else {
                    count_codes(self.codes, &codes);
                    equal += u64::from(BLOCK as u32 - apart.count_ones());
                    if !E::IS_BF16 {
                        let w0 = of_each(b0, E::f64);
                        add_products(&mut squares, &w0, &w0);
                    }
                    self.count_few(column, b0, b1, apart);
                }
            }
            column += BLOCK;
        }
        self.sums.equal += equal;
        self.sums.base_squared.iter_mut().zip(squares).for_each(|(sum, more)| *sum += more);
        let rest = base.len() / size * size;
        self.count_each(column, &base[rest..], &tuned[rest..]);
    }
}
