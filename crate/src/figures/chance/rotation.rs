//! Rotation of the principal subspaces that a random update gives: seeded draws, since the largest
//! of the angles has no closed form.
//!
//! To first order the rank-k subspaces of W0 + E are the graphs of X over those of W0, with g_ij =
//! u_iᵀEv_j, X_left = (σ_j g_ij + σ_i g_ji)/(σ_j² − σ_i²) and X_right = (σ_i g_ij + σ_j g_ji)/(σ_j²
//! − σ_i²) for j ≤ k < i (Stewart & Sun 1990, ch. V), so the tangents of the angles are the
//! singular values of X. The g of a Gaussian E are independent Gaussians, and nothing of W0's size
//! is ever drawn: rows of X that share one σ_i enter XᵀX as a Wishart matrix, which Bartlett's
//! factor gives.

use crate::error::Error;
use crate::figures::chance::spectrum::Spectrum;
use crate::figures::statistics::median;
use crate::linalg::random::Counter;
use crate::linalg::small;
use faer::Mat;
use std::ops::Range;

/// Number of draws that the figures are means of.
pub const DRAWS: usize = 8;

/// Rows of X that are drawn at a time.
const PANEL: usize = 256;

/// Below so many degrees of freedom χ² is a sum of squares; from here on the Wilson–Hilferty cube
/// is right to 1e-4 of it.
const FEW: usize = 64;

/// Means of principal angles over the draws, in degrees.
#[derive(Debug, Clone, Default)]
pub struct Rotation {
    /// Angles of the left subspaces, descending.
    pub left: Vec<f64>,
    /// Angles of the right subspaces, descending.
    pub right: Vec<f64>,
    /// The largest angle of both sides.
    pub max: f64,
    /// Standard deviation of the largest angle over the draws.
    pub max_deviation: f64,
    /// The median of both sides' angles.
    pub median: f64,
}

/// A stream of independent normals.
struct Normals {
    random: Counter,
    next: u64,
}

impl Normals {
    fn pair(&mut self) -> (f64, f64) {
        self.next += 1;
        self.random.normals(self.next)
    }

    fn one(&mut self) -> f64 {
        self.pair().0
    }

    /// Draws the root of a χ² variable.
    fn chi(&mut self, freedom: usize) -> f64 {
        if freedom < FEW {
            return (0..freedom).map(|_| self.one().powi(2)).sum::<f64>().sqrt();
        }
        let part = 2.0 / (9.0 * freedom as f64);
        (freedom as f64 * (1.0 - part + self.one() * part.sqrt()).powi(3)).sqrt()
    }

    /// Adds YᵀY of a Y with `rows` × k independent entries; those of column j have the standard
    /// deviation `scale[j]`.
    fn add_wishart(&mut self, gram: &mut Mat<f64>, rows: usize, scale: &[f64]) {
        let k = scale.len();
        let held = rows.min(k);
        // Below k rows Bartlett's factor is a trapezoid; either way its transpose is the Y of fewer
        // rows.
        let mut factor = Mat::<f64>::zeros(held, k);
        for i in 0..held {
            factor[(i, i)] = self.chi(rows - i) * scale[i];
            for j in i + 1..k {
                factor[(i, j)] = self.one() * scale[j];
            }
        }
        *gram += factor.transpose() * &factor;
    }
}

/// Computes the angles in degrees, descending, from the Gram matrix of an X with so many `rows`.
/// Angles beyond that number are 0, not rounding.
fn angles_of_gram(gram: &Mat<f64>, rows: usize) -> Result<Vec<f64>, Error> {
    if rows == 0 {
        return Ok(vec![0.0; gram.nrows()]);
    }
    let mut found: Vec<f64> = small::eigenvalues(gram.as_ref())?
        .into_iter()
        .map(|squared| squared.max(0.0).sqrt().atan().to_degrees())
        .collect();
    found.iter_mut().skip(rows).for_each(|angle| *angle = 0.0);
    Ok(found)
}

/// Adds the rows of both X that belong to the known values `rows` to their Gram matrices.
fn add_known(
    s: &Spectrum<'_>,
    k: usize,
    rows: Range<usize>,
    normals: &mut Normals,
    (left, right): (&mut Mat<f64>, &mut Mat<f64>),
) {
    let mut x = [Mat::<f64>::zeros(rows.len(), k), Mat::<f64>::zeros(rows.len(), k)];
    let deviation = s.variance.sqrt();
    for j in 0..k {
        for (row, i) in rows.clone().enumerate() {
            let (a, b) = (s.known[j], s.known[i]);
            let (g, h) = normals.pair();
            let scale = deviation / ((a - b) * (a + b));
            x[0][(row, j)] = scale * (a * g + b * h);
            x[1][(row, j)] = scale * (b * g + a * h);
        }
    }
    *left += x[0].transpose() * &x[0];
    *right += x[1].transpose() * &x[1];
}

/// Draws the angles of both sides once, in degrees.
fn draw(s: &Spectrum<'_>, k: usize, seed: u32, number: usize) -> Result<[Vec<f64>; 2], Error> {
    let (m, n) = s.shape;
    let mut normals = Normals {
        random: Counter::new(seed ^ 0x726f_7461, m, n),
        next: ((k as u64) << 40) + ((number as u64) << 33),
    };
    let mut grams = [Mat::<f64>::zeros(k, k), Mat::<f64>::zeros(k, k)];
    let mut start = k;
    while start < s.known.len() {
        let rows = start..s.known.len().min(start + PANEL);
        let [left, right] = &mut grams;
        add_known(s, k, rows.clone(), &mut normals, (left, right));
        start = rows.end;
    }
    let lead = &s.known[..k];
    let scale = |term: &dyn Fn(f64) -> f64| {
        lead.iter().map(|a| (s.variance * term(a * a)).sqrt()).collect::<Vec<_>>()
    };
    let tail = scale(&|a| (a + s.mean) / (a - s.mean).powi(2));
    let outside = scale(&|a| 1.0 / a);
    for (gram, side) in grams.iter_mut().zip([m, n]) {
        normals.add_wishart(gram, s.beyond, &tail);
        normals.add_wishart(gram, side - m.min(n), &outside);
    }
    Ok([angles_of_gram(&grams[0], m - k)?, angles_of_gram(&grams[1], n - k)?])
}

/// Computes the principal angles that an update of independent Gaussian entries gives at rank k;
/// `None` without a gap there.
///
/// # Errors
/// [`Error::Numerics`] where eigenvalues do not converge.
pub fn compute_rotation_by_chance(
    s: &Spectrum<'_>,
    k: usize,
    seed: u32,
) -> Result<Option<Rotation>, Error> {
    if !s.is_separated(k) {
        return Ok(None);
    }
    if s.variance == 0.0 {
        return Ok(Some(Rotation {
            left: vec![0.0; k],
            right: vec![0.0; k],
            ..Rotation::default()
        }));
    }
    let mut mean = Rotation { left: vec![0.0; k], right: vec![0.0; k], ..Rotation::default() };
    let mut largest = [0.0; DRAWS];
    for (number, largest) in largest.iter_mut().enumerate() {
        let [left, right] = draw(s, k, seed, number)?;
        for (mean, drawn) in [(&mut mean.left, &left), (&mut mean.right, &right)] {
            mean.iter_mut().zip(drawn).for_each(|(mean, angle)| *mean += angle / DRAWS as f64);
        }
        let mut all = [left, right].concat();
        all.sort_by(f64::total_cmp);
        *largest = all.last().copied().unwrap_or(0.0);
        mean.median += median(&all) / DRAWS as f64;
    }
    mean.max = largest.iter().sum::<f64>() / DRAWS as f64;
    mean.max_deviation =
        (largest.iter().map(|x| (x - mean.max).powi(2)).sum::<f64>() / (DRAWS - 1) as f64).sqrt();
    Ok(Some(mean))
}

/// Computes the root mean square rotation of each of the leading k singular vectors of the side
/// with `side` rows, in degrees; `None` where its neighbours are so near that first order says
/// nothing.
pub fn compute_vector_rotation_by_chance(
    s: &Spectrum<'_>,
    k: usize,
    side: usize,
) -> Vec<Option<f64>> {
    let outside = (side - s.short()) as f64;
    let angle = |j: usize| {
        let a = s.known[j].powi(2);
        let term = |b: f64| (a + b) / (a - b).powi(2);
        let known: f64 =
            s.known.iter().enumerate().filter(|(i, _)| *i != j).map(|(_, b)| term(b * b)).sum();
        let tail = if s.beyond > 0 { s.beyond as f64 * term(s.mean) } else { 0.0 };
        let squared = s.variance * (known + tail + outside / a);
        (squared < 1.0).then(|| squared.sqrt().asin().to_degrees())
    };
    // A zero update turns nothing, whether values are equal or not.
    (0..k).map(|j| if s.variance == 0.0 { Some(0.0) } else { angle(j) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// XᵀX of drawn entries has known moments: E = rows·scale², and a variance of 2·rows·scale⁴ on
    /// the diagonal.
    #[test]
    fn a_wishart_matrix_has_its_moments() {
        let (k, times) = (3, 4000);
        let scale = [1.0, 2.0, 0.5];
        for rows in [1, 2, 3, 10, 500] {
            let mut normals = Normals { random: Counter::new(1, rows, k), next: 0 };
            let (mut mean, mut square, mut cross) = ([0.0; 3], [0.0; 3], 0.0);
            for _ in 0..times {
                let mut w = Mat::zeros(k, k);
                normals.add_wishart(&mut w, rows, &scale);
                for j in 0..k {
                    let unit = w[(j, j)] / (rows as f64 * scale[j] * scale[j]);
                    mean[j] += unit / f64::from(times);
                    square[j] += unit * unit / f64::from(times);
                }
                cross += w[(2, 0)] * w[(2, 0)] / (rows as f64 * 0.25 * f64::from(times));
            }
            for j in 0..k {
                // Five standard errors of a mean over 4000 draws with variance 2/rows; those of the
                // second moment are below 8 times as large.
                let error = 5.0 * (2.0 / rows as f64 / f64::from(times)).sqrt();
                assert!((mean[j] - 1.0).abs() < error, "{rows} rows, column {j}: {}", mean[j]);
                assert!(
                    (square[j] - 1.0 - 2.0 / rows as f64).abs() < 8.0 * error,
                    "{rows} rows, column {j}: {}",
                    square[j]
                );
            }
            // An entry off the diagonal has mean 0 and variance rows·scale²·scale²; its own
            // kurtosis is below 9 + …, here 5·√(8/4000).
            assert!(
                (cross - 1.0).abs() < 5.0 * (8.0 / f64::from(times)).sqrt(),
                "{rows} rows: {cross}"
            );
        }
    }

    #[test]
    fn two_by_two_by_hand() {
        // One row, one column: X_left = τ(a·g + b·h)/(a² − b²), so E tan² = τ²(a² + b²)/(a² − b²)².
        let known = [2.0, 1.0];
        let s = Spectrum::new(&known, (2, 2), 4e-8, 5.0);
        let found = compute_rotation_by_chance(&s, 1, 3).expect("it converges").expect("a gap");
        let root = (1e-8f64 * 5.0 / 9.0).sqrt().to_degrees();
        // The mean of 8 |N(0, root)| is 0.8 root, give or take 0.21 root.
        for angle in [found.left[0], found.right[0]] {
            assert!((angle / root - 0.8).abs() < 5.0 * 0.22, "{angle} {root}");
        }
        assert!(
            found.max >= found.left[0].max(found.right[0])
                && found.median <= found.max
                && found.max_deviation > 0.0
        );
        let vectors = compute_vector_rotation_by_chance(&s, 2, 2);
        assert!((vectors[0].expect("a gap") / root - 1.0).abs() < 1e-9 && vectors[0] == vectors[1]);
    }

    #[test]
    fn no_gap_no_update_and_nothing_outside() {
        let equal = [1.0, 1.0, 0.5];
        let s = Spectrum::new(&equal, (3, 3), 1e-6, 2.25);
        assert!(compute_rotation_by_chance(&s, 1, 3).expect("no draw").is_none());
        assert_eq!(compute_vector_rotation_by_chance(&s, 3, 3)[0], None);
        let whole = compute_rotation_by_chance(&s, 3, 3)
            .expect("it converges")
            .expect("nothing is left outside");
        assert_eq!((whole.left, whole.max), (vec![0.0; 3], 0.0));
        let still = Spectrum::new(&equal, (3, 3), 0.0, 2.25);
        assert_eq!(
            compute_rotation_by_chance(&still, 2, 3).expect("no draw").expect("a gap").left,
            [0.0; 2]
        );
        assert_eq!(compute_vector_rotation_by_chance(&still, 1, 3), [Some(0.0)]);
    }
}
