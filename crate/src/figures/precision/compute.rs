//! Gate III from counts: sparsity under the bf16 gate, ULP histogram, magnitude deciles, row and
//! column densities.

use crate::figures::precision::profile::compute_profile;
use crate::figures::precision::report::{Decile, Precision, UlpHistogram};
use crate::kernels::diff::{DiffCounts, ULP_BINS};

/// Returns the value of a bf16 magnitude code.
pub fn magnitude_value(code: usize) -> f64 {
    f64::from(f32::from_bits((code as u32) << 16))
}

/// Computes ½ULP of bf16 at `value`: 2^(e − 8) with e its exponent, at least that of the smallest
/// normal number.
fn half_ulp(value: f64) -> f64 {
    if value == 0.0 {
        2f64.powi(-134)
    } else {
        2f64.powi((value.log2().floor() as i32).max(-126) - 8)
    }
}

/// Gives the counts of signed distances their bounds.
fn ulp_histogram(counts: &[u64]) -> UlpHistogram {
    let middle = ULP_BINS / 2;
    // Bin j > 0 holds distances first(j)..=last(j).
    let first = |j: usize| if j <= 1 { j as i32 } else { (1 << (j - 2)) + 1 };
    let last = |j: usize| match j {
        0 | 1 => j as i32,
        16 => (1 << 15) - 1,
        _ => 1 << (j - 1),
    };
    let first = |j: usize| if j == 17 { 1 << 15 } else { first(j) };
    let end = |j: usize| (j < 17).then(|| last(j));
    let bound = |i: usize, upper: bool| match i.cmp(&middle) {
        std::cmp::Ordering::Equal => Some(0),
        std::cmp::Ordering::Greater if upper => end(i - middle),
        std::cmp::Ordering::Greater => Some(first(i - middle)),
        std::cmp::Ordering::Less if upper => Some(-first(middle - i)),
        std::cmp::Ordering::Less => end(middle - i).map(|x| -x),
    };
    UlpHistogram {
        from: (0..ULP_BINS).map(|i| bound(i, false)).collect(),
        to: (0..ULP_BINS).map(|i| bound(i, true)).collect(),
        counts: counts.to_vec(),
    }
}

/// Splits the weights into ten equal groups by |W0|.
fn compute_deciles(c: &DiffCounts) -> Vec<Decile> {
    let total: u64 = c.magnitude.iter().sum();
    if total == 0 {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(10);
    let (mut code, mut used) = (0, 0.0);
    for _ in 0..10 {
        let want = total as f64 / 10.0;
        let (mut have, mut changed, mut update, mut upper) = (0.0, 0.0, 0.0, 0.0);
        while have < want - 1e-9 * total as f64 && code < c.magnitude.len() {
            let count = c.magnitude[code] as f64;
            if count > used {
                let take = (count - used).min(want - have);
                let share = take / count;
                changed += share * c.magnitude_changed[code] as f64;
                update += share * c.magnitude_update[code];
                have += take;
                used += take;
                upper = magnitude_value(code);
            }
            if count - used <= 1e-9 * total as f64 {
                code += 1;
                used = 0.0;
            }
        }
        let have = have.max(f64::MIN_POSITIVE);
        out.push(Decile {
            upper: Some(upper).filter(|upper| upper.is_finite()),
            changed: changed / have,
            mean_abs_update: Some(update / have).filter(|mean| mean.is_finite()),
            half_ulp: upper.is_finite().then(|| half_ulp(upper)),
        });
    }
    out
}

/// Computes the report's Gate III of one tensor; `matrix` says whether rows and columns mean
/// something.
pub fn compute_precision(c: &DiffCounts, parameters: u64, matrix: bool) -> Precision {
    let share = |x: u64| x as f64 / parameters as f64;
    let (rows, cols) = (c.row_changed.len() as u64, c.column_changed.len() as u64);
    Precision {
        unchanged: c.unchanged,
        sparsity_bf16: share(c.unchanged),
        bit_equal: c.bit_equal,
        sparsity_abs: share(c.within_abs),
        unchanged_stored: c.unchanged_stored,
        hidden_by_bf16: share(c.hidden),
        non_finite: c.non_finite,
        ulp_histogram: ulp_histogram(&c.ulp),
        magnitude_deciles: compute_deciles(c),
        row_density: matrix.then(|| compute_profile(&c.row_changed, cols)).flatten(),
        column_density: matrix.then(|| compute_profile(&c.column_changed, rows)).flatten(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::grid::Grid;

    #[test]
    fn ulp_bins_cover_every_distance_once_and_in_order() {
        let h = ulp_histogram(&[0; ULP_BINS]);
        assert_eq!((h.from[0], h.to[0]), (None, Some(-(1 << 15))));
        assert_eq!((h.from[34], h.to[34]), (Some(1 << 15), None));
        assert_eq!((h.from[17], h.to[17]), (Some(0), Some(0)));
        assert_eq!((h.from[20], h.to[20]), (Some(3), Some(4)));
        for i in 1..ULP_BINS {
            assert_eq!(h.to[i - 1].map(|t| t + 1), h.from[i], "bins {} and {i}", i - 1);
        }
    }

    #[test]
    fn deciles_split_a_tie_and_keep_the_sums() {
        let mut c = DiffCounts::zero(1, 40, &Grid::new(1, 40, 1));
        (c.magnitude[100], c.magnitude[200]) = (10, 30);
        (c.magnitude_changed[200], c.magnitude_update[200]) = (15, 3.0);
        let d = compute_deciles(&c);
        assert_eq!(d.len(), 10);
        assert_eq!(d[0].changed, 0.0);
        // The third decile holds weights 9–12: two of the first magnitude, two of the second, half
        // of which changed.
        assert!((d[2].changed - 0.25).abs() < 1e-12, "{d:?}");
        assert!((d.iter().filter_map(|d| d.mean_abs_update).sum::<f64>() * 4.0 - 3.0).abs() < 1e-9);
    }
}
