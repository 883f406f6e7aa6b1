//! Principal angles from f64 coefficients in one orthonormal basis (Björck & Golub 1973, Knyazev &
//! Argentati 2002).

use crate::error::Error;
use crate::linalg::small;
use faer::MatRef;

/// Returns the angles between span(x) and span(y) in degrees, descending. Both have orthonormal
/// columns, x at least as many as y.
///
/// Angles below 45° come from sines, σ((I − x·xᵀ)·y), since arccos is blind there; larger ones from
/// cosines: docs/numerics.md §4.
pub fn principal_angles(x: MatRef<'_, f64>, y: MatRef<'_, f64>) -> Result<Vec<f64>, Error> {
    let cross = x.transpose() * y;
    let count = x.ncols().min(y.ncols());
    let mut cosines = small::singular_values(cross.as_ref())?;
    cosines.reverse();
    let mut sines = small::singular_values((y - x * &cross).as_ref())?;
    sines.resize(count, 0.0);
    Ok((0..count)
        .map(|i| {
            let (sine, cosine) = (sines[i].clamp(0.0, 1.0), cosines[i].clamp(0.0, 1.0));
            if sine < 0.7 { sine.asin() } else { cosine.acos() }.to_degrees()
        })
        .collect())
}

/// Returns the angle between columns i of x and y for each i, in degrees. The signs of the columns
/// do not matter.
pub fn vector_angles(x: MatRef<'_, f64>, y: MatRef<'_, f64>) -> Vec<f64> {
    (0..x.ncols().min(y.ncols()))
        .map(|i| {
            let (a, b) = (x.col(i), y.col(i));
            let dot = a.transpose() * b;
            let rest = b.to_owned() - faer::Scale(dot) * a;
            rest.norm_l2().atan2(dot.abs()).to_degrees()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::Mat;

    #[test]
    fn a_known_rotation_is_found_down_to_a_billionth_of_a_degree() {
        for degrees in [1e-9f64, 1e-4, 0.3, 44.0, 46.0, 89.999] {
            let t = degrees.to_radians();
            let x = Mat::from_fn(5, 2, |i, j| f64::from(u8::from(i == j)));
            let y = Mat::from_fn(5, 2, |i, j| match (i, j) {
                (0, 0) => 1.0,
                (1, 1) => t.cos(),
                (4, 1) => t.sin(),
                _ => 0.0,
            });
            let angles = principal_angles(x.as_ref(), y.as_ref()).expect("angles");
            // asin and acos of values rounded to 1.1e-16 move an angle of size t by 1.1e-16 (sine)
            // or 2e-16/sin t (cosine).
            assert!((angles[0] - degrees).abs() < 1e-12 * (1.0 + degrees), "{degrees}: {angles:?}");
            assert!(angles[1] < 1e-12);
            assert!(
                (vector_angles(x.as_ref(), y.as_ref())[1] - degrees).abs()
                    < 1e-12 * (1.0 + degrees)
            );
        }
    }
}
