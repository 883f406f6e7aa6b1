//! The place of scales over a weight: one, one a row, or one a block.

use std::ops::Range;

/// A block of MXFP8.
pub(crate) const MX_BLOCK: (u64, u64) = (1, 32);
/// The smallest block that is looked for where no config.json names one.
const LEAST_BLOCK: u64 = 16;

/// The blocks of rows × columns of a slice of m×n, each of which has one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    /// Rows and columns of a block.
    pub block: (u64, u64),
    /// Blocks down and across.
    pub count: (u64, u64),
}

impl Grid {
    /// Finds the grid of a scale of `down`×`across` numbers. `blocks` is the size of a block by
    /// config.json, which goes first; else a block is the smallest square of a power of two,
    /// [`LEAST_BLOCK`] or more, that gives this many, or an equal part of a row.
    fn of(
        (m, n): (u64, u64),
        (down, across): (u64, u64),
        blocks: Option<(u64, u64)>,
    ) -> Option<Self> {
        let count = (down, across);
        if count == (m, 1) {
            return Some(Self { block: (1, n), count });
        }
        let fits =
            |(rows, columns): &(u64, u64)| (m.div_ceil(*rows), n.div_ceil(*columns)) == count;
        let squares =
            (LEAST_BLOCK.trailing_zeros()..u64::BITS).map(|power| (1 << power, 1 << power));
        let part = (down == m && across > 0 && n % across == 0).then(|| (1, n / across));
        let part = part.filter(|(_, columns)| *columns >= LEAST_BLOCK);
        blocks.into_iter().chain(squares).chain(part).find(fits).map(|block| Self { block, count })
    }

    /// Number of scales of a slice.
    pub fn numbers(&self) -> u64 {
        self.count.0 * self.count.1
    }
}

/// The place of the scales over the weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Rows and columns of a slice: the whole tensor, or one expert of a 3-D tensor.
    slice: (u64, u64),
    /// The blocks of a slice.
    pub grid: Grid,
    /// True if each slice has scales of its own.
    by_slice: bool,
}

impl Layout {
    /// Finds the place of scales of the shape `scale` over a weight. `blocks` is the size of a
    /// block by config.json. `None` where they do not fit.
    pub fn of(weight: &[u64], scale: &[u64], blocks: Option<(u64, u64)>) -> Option<Self> {
        let all: u64 = weight.iter().product();
        let (slices, m, n) = match *weight {
            [] => (1, 1, 1),
            [n] => (1, 1, n),
            [slices, m, n] => (slices, m, n),
            [m, ..] => (1, m, all / m),
        };
        let one = Grid { block: (m, n), count: (1, 1) };
        let (grid, by_slice) = match *scale {
            [] | [1] => (one, false),
            [count] if weight.len() == 3 && count == slices => (one, true),
            [count] if weight.len() != 3 && count == m => {
                (Grid::of((m, n), (m, 1), blocks)?, false)
            }
            [down, across]
                if weight.len() == 2 || (down == m && across == 1 && weight.len() > 3) =>
            {
                (Grid::of((m, n), (down, across), blocks)?, false)
            }
            [count, down, across] if weight.len() == 3 && count == slices => {
                (Grid::of((m, n), (down, across), blocks)?, true)
            }
            _ => return None,
        };
        Some(Self { slice: (m, n), grid, by_slice })
    }

    /// The scales of the elements `range`, and maybe some besides.
    pub fn places(&self, range: &Range<u64>) -> Range<u64> {
        let n = self.slice.1;
        let (first, last) = (range.start / n * n, (range.end.max(1) - 1) / n * n + n - 1);
        self.at(first).0 as u64..self.at(last).0 as u64 + 1
    }

    /// Finds the index of the scale of element `i`, and how many elements from there on share it.
    pub fn at(&self, i: u64) -> (usize, u64) {
        let ((m, n), Grid { block, count }) = (self.slice, self.grid);
        let (slice, row, column) = (i / (m * n), i / n % m, i % n);
        let first = if self.by_slice { slice * self.grid.numbers() } else { 0 };
        let place = first + row / block.0 * count.1 + column / block.1;
        (place as usize, (block.1 - column % block.1).min(n - column))
    }
}
