//! Downsampled maps of a matrix, one byte per cell.

use crate::element::grid::Grid;
use crate::figures::maps::report::{ConsensusMap, Maps};
use crate::kernels::diff::DiffCounts;
use base64::{Engine, engine::general_purpose::STANDARD};

/// Steps of the coded mean |Δ| per octave.
const STEPS: f64 = 16.0;

/// Codes a density, as 0 only where it is 0.
fn code_density(count: u64, size: u64) -> u8 {
    if count == 0 { 0 } else { (255.0 * count as f64 / size as f64).round().max(1.0) as u8 }
}

/// Codes the densities of all cells in base64.
fn code_densities(counts: &[u64], sizes: &[u64]) -> String {
    STANDARD.encode(counts.iter().zip(sizes).map(|(c, s)| code_density(*c, *s)).collect::<Vec<_>>())
}

/// Codes a mean |Δ| on a logarithmic scale below the largest one, `most`.
fn code_mean(mean: f64, most: f64) -> u8 {
    let code = (255.0 + STEPS * (mean / most).log2()).round();
    // A mean of 0 has the logarithm −∞ or NaN, and a mean far below the largest is shown as 0.
    if code >= 1.0 { code as u8 } else { 0 }
}

/// Computes the report's maps of an m×n matrix. `principal` counts the weights of the principal
/// mask of the first α by cell.
pub fn compute_maps(
    grid: &Grid,
    (m, n): (usize, usize),
    c: &DiffCounts,
    principal: Option<&[u64]>,
    alpha: f64,
) -> Maps {
    let sizes = grid.sizes(m, n);
    let finite = sizes.iter().zip(&c.map_non_finite).map(|(size, bad)| size - bad);
    let means: Vec<f64> = c
        .map_update
        .iter()
        .zip(finite)
        .map(|(sum, count)| if count > 0 { sum / count as f64 } else { 0.0 })
        .collect();
    let most = means.iter().copied().fold(0.0, f64::max);
    Maps {
        rows: grid.rows,
        columns: grid.columns,
        row_group: grid.row_group,
        column_group: grid.column_group,
        changed: code_densities(&c.map_changed, &sizes),
        update: STANDARD
            .encode(means.iter().map(|mean| code_mean(*mean, most)).collect::<Vec<_>>()),
        update_max: most,
        principal: principal.map(|counts| code_densities(counts, &sizes)),
        alpha,
    }
}

/// Makes the report's map of an m×n matrix from the weights by cell that all runs changed.
pub fn consensus_map(grid: &Grid, (m, n): (usize, usize), all: &[u64]) -> ConsensusMap {
    let Grid { rows, columns, row_group, column_group } = *grid;
    ConsensusMap {
        rows,
        columns,
        row_group,
        column_group,
        all: code_densities(all, &grid.sizes(m, n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_changed_is_never_shown_as_still() {
        assert_eq!(
            [(0, 9), (1, 10_000), (1, 2), (9, 9)].map(|(c, s)| code_density(c, s)),
            [0, 1, 128, 255]
        );
    }

    #[test]
    fn an_octave_is_sixteen_steps() {
        assert_eq!(
            [1.0, 0.5, 0.25, 2f64.powf(-254.4 / 16.0), 2f64.powf(-254.6 / 16.0), 0.0]
                .map(|m| code_mean(m, 1.0)),
            [255, 239, 223, 1, 0, 0]
        );
        assert_eq!(code_mean(0.0, 0.0), 0);
    }
}
