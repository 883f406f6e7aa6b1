//! The rotation that takes one set of vectors nearest to another (orthogonal Procrustes, Schönemann
//! 1966).

use crate::error::Error;
use crate::linalg::small;
use faer::{Mat, MatRef};

/// Returns the orthogonal R, d×d, that minimises ‖A − R·B‖_F, given `cross` = A·Bᵀ: U·Vᵀ of its
/// SVD. R may be a reflection.
pub fn rotation(cross: MatRef<'_, f64>) -> Result<Mat<f64>, Error> {
    let svd = small::svd(cross)?;
    Ok(svd.u * svd.v.transpose())
}

/// Returns the largest angle θ by which R turns a vector, in degrees: ‖R − I‖_2 = 2·sin(θ/2).
pub fn angle(r: MatRef<'_, f64>) -> Result<f64, Error> {
    let difference =
        Mat::from_fn(r.nrows(), r.ncols(), |i, j| r[(i, j)] - f64::from(u8::from(i == j)));
    Ok(2.0 * (0.5 * small::norm2(difference.as_ref())?).min(1.0).asin().to_degrees())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::random::Counter;

    #[test]
    fn a_known_rotation_is_found() {
        let random = Counter::new(9, 3, 20);
        let b = Mat::from_fn(3, 20, |i, j| f64::from(random.normal((i * 20 + j) as u64)));
        for degrees in [0.0f64, 0.5, 30.0, 170.0, 180.0] {
            let (s, c) = degrees.to_radians().sin_cos();
            let r = Mat::from_fn(3, 3, |i, j| [[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]][i][j]);
            let found = rotation((&r * &b * b.transpose()).as_ref()).expect("a rotation");
            assert!((&found - &r).norm_l2() < 1e-12, "{degrees}");
            assert!((angle(found.as_ref()).expect("an angle") - degrees).abs() < 1e-5, "{degrees}");
        }
    }
}
