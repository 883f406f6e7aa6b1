//! No figure of a report is NaN or infinite: such a figure is `null` where the format allows it,
//! else its whole family is left out, and a note says so.

use crate::error::Error;
use crate::figures::tensor::TensorReport;
use serde::{Serialize, de::DeserializeOwned};

/// What became of a family of figures.
#[derive(PartialEq, Eq)]
enum Kept {
    /// All figures were finite.
    Whole,
    /// Some are `null` now.
    Partly,
    /// The format has no `null` for one of them.
    Nothing,
}

/// Makes figures of `value` `None` that no JSON number holds.
fn keep_finite<T: Serialize + DeserializeOwned + PartialEq>(value: &mut T) -> Kept {
    // A JSON value has null for NaN and infinities, and every other f64 as it is.
    let found = serde_json::to_value(&*value).and_then(serde_json::from_value::<T>);
    match found {
        Ok(same) if same == *value => Kept::Whole,
        Ok(other) => {
            *value = other;
            Kept::Partly
        }
        Err(_) => Kept::Nothing,
    }
}

/// The same of a family that a tensor may lack; it is `None` afterwards where nothing is kept.
fn keep_family<T: Serialize + DeserializeOwned + PartialEq>(family: &mut Option<T>) -> Kept {
    let kept = family.as_mut().map_or(Kept::Whole, keep_finite);
    if kept == Kept::Nothing {
        *family = None;
    }
    kept
}

/// Makes `None` of each figure of several runs that is not finite; returns whether the rest can be
/// written.
pub(crate) fn keep_finite_of_runs<T>(value: &mut T) -> bool
where
    T: Serialize + DeserializeOwned + PartialEq,
{
    keep_finite(value) != Kept::Nothing
}

impl TensorReport {
    /// Leaves out every figure that is NaN or infinite, and says so in a note.
    pub(crate) fn keep_finite(&mut self) {
        let geometry = keep_family(&mut self.geometry);
        if geometry == Kept::Nothing {
            self.geometry_note = Some(describe("geometry", &geometry));
            self.masks.clear();
        }
        let masks = keep_finite(&mut self.masks);
        if masks == Kept::Nothing {
            self.masks.clear();
        }
        let families = [
            ("precision", keep_family(&mut self.precision)),
            ("update", keep_family(&mut self.update)),
            ("geometry", geometry),
            ("masks", masks),
            ("Fisher", keep_family(&mut self.fisher)),
            ("function-preserving change", keep_family(&mut self.function_preserving)),
            ("adapter", keep_family(&mut self.adapter)),
            ("maps", keep_family(&mut self.maps)),
            ("heads", keep_family(&mut self.heads)),
            ("quantisation", keep_family(&mut self.quantized)),
            ("list", keep_family(&mut self.listed)),
        ];
        if !self.seconds.is_finite() {
            self.seconds = 0.0;
        }
        let missing = families.iter().filter(|(_, kept)| *kept != Kept::Whole);
        let notes: Vec<String> = missing.map(|(family, kept)| describe(family, kept)).collect();
        notes.iter().for_each(|note| self.add_note(note));
        if families[0].1 == Kept::Nothing {
            self.fail(&Error::Numerics(describe("precision", &Kept::Nothing)));
        }
    }
}

/// Says what is missing of a family, and why.
fn describe(family: &str, kept: &Kept) -> String {
    let share = if *kept == Kept::Partly { "some figures" } else { "the figures" };
    format!("{share} of its {family} overflow or are undefined, so they are left out")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::names::role::find_role;
    use crate::element::dtype::Dtype;
    use crate::figures::tensor::Status;
    use crate::figures::update::report::Update;

    fn report(frobenius_base: f64, relative_update: f64) -> TensorReport {
        let update = Update {
            frobenius_base,
            frobenius_update: 1.0 / 3.0,
            relative_update: Some(relative_update),
            max_abs_update: 0.1,
            spectral_norm: None,
            stable_rank: None,
            spectrum: vec![0.1],
            spectrum_error: None,
            share_top_k: None,
            rank_share: None,
            entropy_rank: None,
            chance: None,
        };
        let empty = TensorReport::empty("w", &find_role("w", &[2]), &[2], Dtype::F32);
        TensorReport { update: Some(update), ..empty }
    }

    #[test]
    fn figures_that_no_number_holds_are_null_and_their_family_goes_where_there_is_no_null() {
        let whole = report(2.0, 0.5);
        let mut same = whole.clone();
        same.keep_finite();
        assert_eq!(same, whole);

        let mut partly = report(2.0, f64::NAN);
        partly.keep_finite();
        assert_eq!(partly.update.as_ref().map(|u| u.relative_update), Some(None));
        assert!(partly.figures_note.expect("a note").starts_with("some figures of its update"));

        let mut without = report(f64::INFINITY, 0.5);
        without.keep_finite();
        assert_eq!((without.update, without.status), (None, Status::Done));
        assert!(without.figures_note.expect("a note").starts_with("the figures of its update"));
    }
}
