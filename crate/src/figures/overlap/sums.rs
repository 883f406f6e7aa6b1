//! Sums over the weights that several tuned matrices change alike. The masks of up to 64 runs are
//! the bits of one word per weight, never arrays.

use crate::element::decode::Decoder;
use crate::element::gate;
use crate::element::grid::Grid;
use std::ops::Range;

/// The largest number of runs: one bit of a word each.
pub const MOST_RUNS: usize = 64;

/// Counts and inner products of the runs of one tensor, over all rows that were taken in so far.
#[derive(Debug, Clone, PartialEq)]
pub struct OverlapCounts {
    /// |M_a ∩ M_b|, R×R row-major; the diagonal is |M_a|.
    pub both: Vec<u64>,
    /// Number of weights changed in exactly 0, 1, …, R runs.
    pub exactly: Vec<u64>,
    /// ⟨Δa, Δb⟩ in f64, R×R row-major, over the weights that are finite on every side.
    pub dot: Vec<f64>,
    /// Number of weights changed in all runs, per row.
    pub row_all: Vec<u64>,
    /// Number of weights changed in all runs, per column.
    pub column_all: Vec<u64>,
    /// Number of weights changed in all runs, per cell of `grid`.
    pub map_all: Vec<u64>,
    /// Cells of the map.
    pub grid: Grid,
    /// Changes from each run to the next, the base going before the first; empty unless the runs
    /// are steps of one run.
    pub steps: Vec<StepCounts>,
}

/// Numbers of weights that changed from one step to the next.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StepCounts {
    /// Number per row.
    pub row_changed: Vec<u64>,
    /// Number per column.
    pub column_changed: Vec<u64>,
}

/// Buffers for one row of each side.
#[derive(Debug, Default)]
pub struct Work {
    base: Vec<f64>,
    before: Vec<u16>,
    after: Vec<u16>,
    masks: Vec<u64>,
    finite: Vec<bool>,
    deltas: Vec<Vec<f64>>,
    step: Vec<f64>,
    step_code: Vec<u16>,
}

impl OverlapCounts {
    /// Counts of 0, for `runs` matrices with `cols` columns and maps in the cells of `grid`.
    pub fn zero(runs: usize, cols: usize, grid: Grid) -> Self {
        Self {
            steps: Vec::new(),
            map_all: vec![0; grid.cells()],
            grid,
            both: vec![0; runs * runs],
            exactly: vec![0; runs + 1],
            dot: vec![0.0; runs * runs],
            row_all: Vec::new(),
            column_all: vec![0; cols],
        }
    }

    /// Counts of 0, for runs that are steps of one run, in order.
    pub fn zero_of_steps(runs: usize, cols: usize, grid: Grid) -> Self {
        let step = StepCounts { row_changed: Vec::new(), column_changed: vec![0; cols] };
        Self { steps: vec![step; runs], ..Self::zero(runs, cols, grid) }
    }

    /// Takes in the next `rows` rows of the base and of every run. All decoders begin with them.
    pub fn add(
        &mut self,
        base: &Decoder,
        tuned: &[Decoder],
        rows: usize,
        eta: f32,
        work: &mut Work,
    ) {
        let cols = self.column_all.len();
        for row in 0..rows {
            self.add_row(base, tuned, row * cols..(row + 1) * cols, eta, work);
        }
    }

    /// Takes in one row. It is a function of its own since browsers change from slow to fast code
    /// between two calls only.
    #[inline(never)]
    fn add_row(
        &mut self,
        base: &Decoder,
        tuned: &[Decoder],
        at: Range<usize>,
        eta: f32,
        work: &mut Work,
    ) {
        let (runs, cols) = (tuned.len(), at.len());
        work.base.resize(cols, 0.0);
        work.before.resize(cols, 0);
        work.after.resize(cols, 0);
        work.deltas.resize_with(runs, Vec::new);
        work.masks.clear();
        work.masks.resize(cols, 0);
        work.finite.clear();
        base.decode_f64(at.start, &mut work.base);
        work.finite.extend(work.base.iter().map(|w| w.is_finite()));
        base.decode_bf16(at.start, &mut work.before);
        for (run, (side, delta)) in tuned.iter().zip(&mut work.deltas).enumerate() {
            side.decode_bf16(at.start, &mut work.after);
            delta.resize(cols, 0.0);
            side.decode_f64(at.start, delta);
            if let Some(step) = self.steps.get_mut(run) {
                if run == 0 {
                    work.step.clone_from(&work.base);
                    work.step_code.clone_from(&work.before);
                }
                step.add_row((&work.step, &work.step_code), (delta, &work.after), eta);
                work.step.copy_from_slice(delta);
                work.step_code.copy_from_slice(&work.after);
            }
            for (c, w1) in delta.iter_mut().enumerate() {
                let w0 = work.base[c];
                let moved = !gate::passes(w0, *w1, work.before[c], work.after[c], eta);
                work.masks[c] |= u64::from(moved) << run;
                work.finite[c] &= w1.is_finite();
                *w1 -= w0;
            }
        }
        for delta in &mut work.deltas {
            delta
                .iter_mut()
                .zip(&work.finite)
                .filter(|(_, finite)| !**finite)
                .for_each(|(d, _)| *d = 0.0);
        }
        self.count(&work.masks, runs);
        // One sum per row, so that the total's rounding does not depend on how rows come in.
        for a in 0..runs {
            for b in a..runs {
                let sum: f64 = work.deltas[a].iter().zip(&work.deltas[b]).map(|(x, y)| x * y).sum();
                self.dot[a * runs + b] += sum;
                if a != b {
                    self.dot[b * runs + a] += sum;
                }
            }
        }
    }

    /// Takes in the next row. Bit r of a weight's mask says that run r changed it.
    pub fn count(&mut self, masks: &[u64], runs: usize) {
        let all = u64::MAX >> (MOST_RUNS - runs);
        // Most weights moved in no run or in all of them, so that no pair of runs needs a look.
        let (mut none, mut every) = (0, 0);
        let row_cells = self.grid.cell(self.row_all.len(), 0);
        for (c, (mask, column)) in masks.iter().zip(&mut self.column_all).enumerate() {
            if *mask == 0 {
                none += 1;
            } else if *mask == all {
                every += 1;
                *column += 1;
                self.map_all[row_cells + c / self.grid.column_group] += 1;
            } else {
                self.exactly[mask.count_ones() as usize] += 1;
                let bits = |m: u64| (0..runs).filter(move |r| m >> r & 1 == 1);
                for a in bits(*mask) {
                    bits(*mask).for_each(|b| self.both[a * runs + b] += 1);
                }
            }
        }
        self.exactly[0] += none;
        self.exactly[runs] += every;
        self.both.iter_mut().for_each(|b| *b += every);
        self.row_all.push(every);
    }
}

impl StepCounts {
    /// Takes in one row. It is a function of its own since browsers change from slow to fast code
    /// between two calls only.
    #[inline(never)]
    fn add_row(&mut self, before: (&[f64], &[u16]), after: (&[f64], &[u16]), eta: f32) {
        let pairs = before.0.iter().zip(before.1).zip(after.0.iter().zip(after.1));
        let mut changed = 0;
        for (((w0, b0), (w1, b1)), column) in pairs.zip(&mut self.column_changed) {
            let moved = u64::from(!gate::passes(*w0, *w1, *b0, *b1, eta));
            changed += moved;
            *column += moved;
        }
        self.row_changed.push(changed);
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
    fn three_runs_by_hand() {
        // 2 × 3 weights; run 0 moves weights 0, 1, 3, run 1 moves 0, 3 and turns 5 into NaN, run 2
        // moves 0, 4.
        let base = decoder(&[1.0; 6]);
        let tuned = [
            decoder(&[2.0, 3.0, 1.0, 1.5, 1.0, 1.0]),
            decoder(&[0.5, 1.0, 1.0, 2.0, 1.0, f32::NAN]),
            decoder(&[4.0, 1.0, 1.0, 1.0, 3.0, 1.0]),
        ];
        let mut c = OverlapCounts::zero(3, 3, Grid::new(2, 3, 2));
        c.add(&base, &tuned, 2, 1e-3, &mut Work::default());
        assert_eq!(c.both, [3, 2, 1, 2, 3, 1, 1, 1, 2]);
        assert_eq!(c.exactly, [1, 3, 1, 1]);
        assert_eq!(
            (c.row_all, c.column_all, c.map_all),
            (vec![1, 0], vec![1, 0, 0], vec![1, 0, 0, 0])
        );
        // Δ0 = 1, 2, 0, ½; Δ1 = −½, 0, 0, 1; Δ2 = 3, 0, 0, 0, 2: weight 5 is in no product.
        assert_eq!(c.dot, [5.25, 0.0, 3.0, 0.0, 1.25, -1.5, 3.0, -1.5, 13.0]);
    }

    #[test]
    fn steps_compare_each_run_with_the_one_before() {
        // 2 × 2 weights; step 0 moves weights 0 and 1, step 1 moves 1 back and 2, step 2 nothing.
        let steps = [
            decoder(&[2.0, 3.0, 1.0, 1.0]),
            decoder(&[2.0, 1.0, 5.0, 1.0]),
            decoder(&[2.0, 1.0, 5.0, 1.0]),
        ];
        let mut c = OverlapCounts::zero_of_steps(3, 2, Grid::new(2, 2, 1));
        c.add(&decoder(&[1.0; 4]), &steps, 2, 1e-3, &mut Work::default());
        let step = |rows: [u64; 2], columns: [u64; 2]| StepCounts {
            row_changed: rows.into(),
            column_changed: columns.into(),
        };
        assert_eq!(c.steps, [step([2, 0], [1, 1]), step([1, 1], [1, 1]), step([0, 0], [0, 0])]);
        assert_eq!(c.both, [2, 1, 1, 1, 2, 2, 1, 2, 2]);
    }

    #[test]
    fn what_bf16_hides_is_no_change_but_a_difference() {
        let mut c = OverlapCounts::zero(2, 1, Grid::new(1, 1, 1));
        c.add(
            &decoder(&[1.0]),
            &[decoder(&[1.0 + 1e-4]), decoder(&[1.0 + 1e-2])],
            1,
            1e-3,
            &mut Work::default(),
        );
        assert_eq!((c.both, c.exactly), (vec![0, 0, 0, 1], vec![0, 1, 0]));
        assert!(c.dot.iter().all(|d| *d > 0.0));
    }
}
