//! The cells of a downsampled map over a matrix.

/// Cells of `row_group` × `column_group` weights, row-major. Those at the far edges may be smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Rows of the matrix in a cell.
    pub row_group: usize,
    /// Columns of the matrix in a cell.
    pub column_group: usize,
    /// Rows of cells.
    pub rows: usize,
    /// Columns of cells.
    pub columns: usize,
}

impl Grid {
    /// Lays a grid over an m×n matrix with at most `side` cells per side, and at least one.
    pub fn new(m: usize, n: usize, side: usize) -> Self {
        let group = |length: usize| length.div_ceil(side.max(1)).max(1);
        let (row_group, column_group) = (group(m), group(n));
        Self {
            row_group,
            column_group,
            rows: m.div_ceil(row_group),
            columns: n.div_ceil(column_group),
        }
    }

    /// Returns the number of cells.
    pub fn cells(&self) -> usize {
        self.rows * self.columns
    }

    /// Returns the cell of a weight.
    pub fn cell(&self, row: usize, column: usize) -> usize {
        row / self.row_group * self.columns + column / self.column_group
    }

    /// Returns how many weights of an m×n matrix each cell holds.
    pub fn sizes(&self, m: usize, n: usize) -> Vec<u64> {
        let part = |length: usize, group: usize, i: usize| group.min(length - i * group) as u64;
        let row = |r| part(m, self.row_group, r);
        (0..self.rows)
            .flat_map(|r| (0..self.columns).map(move |c| row(r) * part(n, self.column_group, c)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_cover_every_weight_once() {
        for (m, n, side) in [
            (1, 1, 64),
            (1, 37, 8),
            (41, 1, 8),
            (5, 7, 3),
            (64, 64, 64),
            (129, 33, 64),
            (300, 129, 0),
        ] {
            let grid = Grid::new(m, n, side);
            let mut counted = vec![0; grid.cells()];
            (0..m).for_each(|r| (0..n).for_each(|c| counted[grid.cell(r, c)] += 1));
            assert_eq!(counted, grid.sizes(m, n), "{m}×{n} at {side}");
            assert!(
                grid.rows <= side.max(1)
                    && grid.columns <= side.max(1)
                    && counted.iter().all(|c| *c > 0)
            );
        }
    }
}
