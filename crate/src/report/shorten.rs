//! What a report of many matrices leaves out of each one's details.
//!
//! Whole details take 37 to 47 kB a matrix, so that those of a model of 19 000 would take 700 MB:
//! more than a browser's string can hold. The steps below keep the text of a report of one run
//! under 100 MB at k = 64 and two values of α; what tables, heatmaps and rollups need takes 4 kB a
//! matrix and stays for one run of the largest models (docs/decisions/034-details-apart.md). Of
//! several such runs only rollups have subspaces.

use crate::figures::geometry::report::Geometry;
use crate::figures::overlap::report::Overlap;
use crate::figures::precision::profile::Profile;
use crate::figures::tensor::TensorReport;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far the details of each tensor are shortened in a report of many matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shortened {
    /// Number of matrices, those of all runs together, by which the rest goes.
    pub matrices: usize,
    /// Most cells along a side of a map; 0 for no maps.
    pub map_side: usize,
    /// Most values of a spectrum or of angles, whose leading ones stay, and most groups of a
    /// profile.
    pub curve_length: usize,
    /// Whether tensors have what they have against k, magnitude deciles, blocks along the spectrum
    /// and heads. Rollups always have theirs.
    pub sweeps: bool,
    /// Whether tensors have the histogram of distances, densities by row and column, rotations of
    /// single vectors, and chance levels of single angles.
    #[serde(default = "whole")]
    pub lists: bool,
    /// Whether matrices have their geometry and masks. Rollups always have theirs.
    #[serde(default = "whole")]
    pub subspaces: bool,
}

/// The value of a part that older reports never leave out.
fn whole() -> bool {
    true
}

/// Up to so many matrices nothing is shortened.
const WHOLE: usize = 2_000;

/// Why a matrix has no geometry in the largest reports.
const LEFT_OUT: &str =
    "the report of so many matrices has it for layers, modules and the model only";

/// Up to so many matrices: `map_side`, `curve_length`, `sweeps`, `lists`, `subspaces`. A matrix
/// then takes 25, 19, 8, 4.9, 4.1 and 1.2 kB, and a report of one run 100 MB at most. Several runs
/// of 20,000 matrices each take more, but less than a browser's string can hold.
const STEPS: [(usize, usize, usize, bool, bool, bool); 6] = [
    (4_000, 32, 32, true, true, true),
    (5_000, 16, 16, true, true, true),
    (12_000, 16, 16, false, true, true),
    (16_000, 0, 2, false, true, true),
    (24_000, 0, 2, false, false, true),
    (usize::MAX, 0, 2, false, false, false),
];

impl Shortened {
    /// How far the details of so many matrices are shortened; `None` where they are whole.
    pub fn for_matrices(matrices: usize) -> Option<Self> {
        if matrices <= WHOLE {
            return None;
        }
        let (_, map_side, curve_length, sweeps, lists, subspaces) =
            STEPS.into_iter().find(|(most, ..)| matrices <= *most)?;
        Some(Self { matrices, map_side, curve_length, sweeps, lists, subspaces })
    }

    /// Shortens the curves of a tensor, and drops the lists. What rollups are made of stays.
    pub fn shorten_curves(&self, tensor: &mut TensorReport) {
        let most = self.curve_length;
        if !self.sweeps {
            drop_beside_sweeps(tensor);
        }
        if !self.lists {
            drop_lists(tensor);
        }
        if let Some(precision) = &mut tensor.precision {
            shorten_profile(precision.row_density.as_mut(), most);
            shorten_profile(precision.column_density.as_mut(), most);
        }
        if let Some(update) = &mut tensor.update {
            cut(&mut update.spectrum, most);
        }
        if let Some(geometry) = &mut tensor.geometry {
            shorten_geometry(geometry, most);
        }
        if let Some(listed) = &mut tensor.listed {
            shorten_profile(listed.row_density.as_mut(), most);
            shorten_profile(listed.column_density.as_mut(), most);
        }
    }

    /// Shortens the profiles of what several runs share.
    pub fn shorten_overlap(&self, overlap: &mut Overlap) {
        let most = self.curve_length;
        shorten_profile(overlap.row_consensus.as_mut(), most);
        shorten_profile(overlap.column_consensus.as_mut(), most);
        for step in overlap.steps.iter_mut().flatten() {
            shorten_profile(step.row_density.as_mut(), most);
            shorten_profile(step.column_density.as_mut(), most);
        }
    }

    /// Drops what a tensor has against k, with the memory that it takes; after rollups have taken
    /// it in.
    pub fn drop_sweeps(&self, tensor: &mut TensorReport) {
        if self.sweeps {
            return;
        }
        tensor.masks.iter_mut().for_each(|masks| masks.sweep = Vec::new());
        if let Some(geometry) = &mut tensor.geometry {
            geometry.sweep = Vec::new();
        }
        if !self.subspaces && tensor.geometry.take().is_some() {
            tensor.masks = Vec::new();
            tensor.geometry_note = Some(LEFT_OUT.into());
        }
    }
}

/// Drops what is as long as that against k, and not averaged.
fn drop_beside_sweeps(tensor: &mut TensorReport) {
    tensor.heads = None;
    if let Some(precision) = &mut tensor.precision {
        precision.magnitude_deciles = Vec::new();
    }
    if let Some(geometry) = &mut tensor.geometry {
        geometry.along_spectrum = None;
    }
}

/// Drops what is neither averaged nor shown in a table.
fn drop_lists(tensor: &mut TensorReport) {
    if let Some(precision) = &mut tensor.precision {
        precision.ulp_histogram.from = Vec::new();
        precision.ulp_histogram.to = Vec::new();
        precision.ulp_histogram.counts = Vec::new();
        precision.row_density = None;
        precision.column_density = None;
    }
    if let Some(geometry) = &mut tensor.geometry {
        geometry.vector_rotation_left = Vec::new();
        geometry.vector_rotation_right = Vec::new();
        geometry.vector_rotation_uncertainty = Vec::new();
        let chance = &mut geometry.chance;
        (chance.angles_left, chance.angles_right) = (None, None);
        chance.vectors_left = Vec::new();
        chance.vectors_right = Vec::new();
    }
}

/// Leaves the first values of a list, and no memory for more.
fn cut<T>(values: &mut Vec<T>, most: usize) {
    values.truncate(most);
    values.shrink_to_fit();
}

fn shorten_geometry(geometry: &mut Geometry, most: usize) {
    cut(&mut geometry.spectrum_base, most);
    cut(&mut geometry.spectrum_tuned, most);
    cut(&mut geometry.angles_left, most);
    cut(&mut geometry.angles_right, most);
    cut(&mut geometry.vector_rotation_left, most);
    cut(&mut geometry.vector_rotation_right, most);
    cut(&mut geometry.vector_rotation_uncertainty, most);
    let chance = &mut geometry.chance;
    chance.angles_left.iter_mut().for_each(|angles| cut(angles, most));
    chance.angles_right.iter_mut().for_each(|angles| cut(angles, most));
    cut(&mut chance.vectors_left, most);
    cut(&mut chance.vectors_right, most);
}

/// Joins neighbouring groups of a profile until there are at most `most`.
fn shorten_profile(profile: Option<&mut Profile>, most: usize) {
    let Some(profile) = profile else { return };
    let groups = profile.values.len();
    if groups <= most || most == 0 {
        return;
    }
    // Each group has as many rows, but for the last one.
    let size = profile.length.div_ceil(groups);
    let last = profile.length - (groups - 1) * size;
    let rows = |group: usize| if group + 1 == groups { last } else { size };
    // Readers take the size of a group from the length.
    let is_told = |joined: usize| {
        let left = groups.div_ceil(joined);
        left == 1 || profile.length.div_ceil(left) == size * joined
    };
    let joined = (groups.div_ceil(most)..=groups).find(|j| is_told(*j)).unwrap_or(groups);
    let places: Vec<usize> = (0..groups).collect();
    profile.values = places
        .chunks(joined)
        .map(|chunk| {
            let changed: f64 = chunk.iter().map(|g| profile.values[*g] * rows(*g) as f64).sum();
            changed / chunk.iter().map(|g| rows(*g)).sum::<usize>() as f64
        })
        .collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_models_keep_everything_and_larger_ones_ever_less() {
        assert_eq!(Shortened::for_matrices(0), None);
        assert_eq!(Shortened::for_matrices(WHOLE), None);
        let sizes = [WHOLE + 1, 4_001, 5_001, 12_001, 16_001, 57_000];
        let found = sizes.map(|count| Shortened::for_matrices(count).expect("shortened"));
        for (count, found) in sizes.iter().zip(&found) {
            assert_eq!(found.matrices, *count);
        }
        for pair in found.windows(2) {
            assert!(pair[0].map_side >= pair[1].map_side);
            assert!(pair[0].curve_length >= pair[1].curve_length);
            assert!(pair[0].sweeps >= pair[1].sweeps);
            assert!(pair[0].lists >= pair[1].lists);
            assert!(pair[0].subspaces >= pair[1].subspaces);
        }
        assert_eq!((found[5].map_side, found[5].sweeps), (0, false));
        assert!(found[4].subspaces && !found[5].subspaces);
    }

    #[test]
    fn a_shorter_profile_has_the_same_mean() {
        let values: Vec<f64> = (0..250).map(|i| f64::from(i) / 250.0).collect();
        // 1000 rows in 250 groups of 4, but for a last one of 2.
        let mut profile =
            Profile { length: 998, values, min: 0.0, median: 0.5, max: 1.0, dispersion: None };
        let mean = |profile: &Profile, size: usize| {
            let rows = |i: usize| size.min(profile.length - i * size) as f64;
            let sum: f64 = profile.values.iter().enumerate().map(|(i, v)| v * rows(i)).sum();
            sum / profile.length as f64
        };
        let before = mean(&profile, 4);
        shorten_profile(Some(&mut profile), 16);
        // 16 groups of 64 rows would look like groups of 63.
        assert_eq!(profile.values.len(), 14);
        assert!((mean(&profile, profile.length.div_ceil(14)) - before).abs() < 1e-12);
        let whole = profile.clone();
        shorten_profile(Some(&mut profile), 16);
        assert_eq!(profile, whole);
    }
}
