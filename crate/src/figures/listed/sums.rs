//! Counts of the weights that a sparse delta lists, by row, column and cell of a map.

use crate::element::grid::Grid;

/// Counts of the weights that one run lists, over all that were taken in so far.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedCounts {
    /// Number of weights; each counts once.
    pub changed: u64,
    /// The counts by place in the matrix; `None` for vectors and without a shape.
    pub places: Option<Places>,
}

/// Numbers of listed weights by place in the matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Places {
    /// Number per row.
    pub row: Vec<u64>,
    /// Number per column.
    pub column: Vec<u64>,
    /// Number per cell of `grid`.
    pub map: Vec<u64>,
    /// Cells of the map.
    pub grid: Grid,
}

/// The runs that list each weight of a tile, one bit per run.
pub struct Marks<'a> {
    /// One mask for each weight from `first` on.
    pub masks: &'a mut [u64],
    /// The tile's first weight.
    pub first: u64,
    /// The bit of the run whose list is taken in.
    pub run: u64,
}

impl ListedCounts {
    /// Takes in the listed weights `indices`, which lie `offset` behind their places in the matrix.
    /// With `marks`, a weight that the same run listed before is passed over.
    ///
    /// It is a function of its own since browsers change from slow to fast code between two calls
    /// only.
    #[inline(never)]
    pub fn add(&mut self, indices: &[u64], offset: u64, marks: Option<Marks<'_>>) {
        match marks {
            None => {
                self.changed += indices.len() as u64;
                if let Some(places) = &mut self.places {
                    places.add(indices.iter().map(|index| index - offset));
                }
            }
            Some(Marks { masks, first, run }) => {
                let mut fresh = 0;
                let news = indices.iter().map(|index| index - offset).filter(|place| {
                    let mask = &mut masks[(place - first) as usize];
                    let new = *mask & run == 0;
                    *mask |= run;
                    fresh += u64::from(new);
                    new
                });
                match &mut self.places {
                    Some(places) => places.add(news),
                    None => news.for_each(|_| ()),
                }
                self.changed += fresh;
            }
        }
    }
}

impl Places {
    #[inline]
    fn add(&mut self, weights: impl Iterator<Item = u64>) {
        let columns = self.column.len() as u64;
        let (mut row, mut start, mut cells) = (0, 0, 0);
        for weight in weights {
            // Neighbours mostly share a row: there is one division for each row, not for each
            // weight.
            if weight.wrapping_sub(start) >= columns {
                row = (weight / columns) as usize;
                start = row as u64 * columns;
                cells = self.grid.cell(row, 0);
            }
            let column = (weight - start) as usize;
            self.row[row] += 1;
            self.column[column] += 1;
            self.map[cells + column / self.grid.column_group] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(m: usize, n: usize, side: usize) -> ListedCounts {
        let grid = Grid::new(m, n, side);
        ListedCounts {
            changed: 0,
            places: Some(Places {
                row: vec![0; m],
                column: vec![0; n],
                map: vec![0; grid.cells()],
                grid,
            }),
        }
    }

    #[test]
    fn places_by_hand_in_any_order_of_lists() {
        // 3 × 4, cells of 2 × 2.
        let mut c = counts(3, 4, 2);
        c.add(&[100, 103, 111], 100, None);
        c.add(&[101, 106], 100, None);
        let places = c.places.as_ref().expect("a matrix");
        assert_eq!(
            (c.changed, &places.row[..], &places.column[..]),
            (5, &[3, 1, 1][..], &[1, 1, 1, 2][..])
        );
        assert_eq!(places.map, [2, 2, 0, 1]);
    }

    #[test]
    fn what_a_run_lists_twice_counts_once_and_other_runs_on_their_own() {
        let mut masks = vec![0; 4];
        let (mut a, mut b) = (counts(2, 4, 1), ListedCounts { changed: 0, places: None });
        a.add(&[4, 6], 0, Some(Marks { masks: &mut masks, first: 4, run: 1 }));
        a.add(&[5, 6], 0, Some(Marks { masks: &mut masks, first: 4, run: 1 }));
        b.add(&[6, 7], 0, Some(Marks { masks: &mut masks, first: 4, run: 2 }));
        assert_eq!((a.changed, b.changed, masks), (3, 2, vec![1, 1, 3, 2]));
        assert_eq!(a.places.expect("a matrix").map, [3]);
    }
}
