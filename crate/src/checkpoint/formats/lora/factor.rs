//! A stored factor of an adapter.

use crate::checkpoint::views::View;
use crate::element::decode::Decoder;
use crate::error::Error;
use std::rc::Rc;

/// A or B of one module, as its file holds it.
pub struct Factor {
    /// Number of rows.
    pub rows: u64,
    /// Number of columns.
    pub columns: u64,
    view: Rc<dyn View>,
    /// Index of the first element.
    first: u64,
    /// Elements from one row to the next, and from one column to the next.
    steps: [u64; 2],
}

impl Factor {
    /// Takes the elements of `view`, row-major, as a matrix of this shape.
    pub fn new([rows, columns]: [u64; 2], view: Rc<dyn View>) -> Self {
        Self { rows, columns, view, first: 0, steps: [columns, 1] }
    }

    /// Takes a part of a larger matrix in `view`: element (i, j) is that of the index
    /// `first + i·steps[0] + j·steps[1]`. Neither number of rows nor of columns may be 0.
    pub fn part(
        [rows, columns]: [u64; 2],
        view: Rc<dyn View>,
        first: u64,
        steps: [u64; 2],
    ) -> Self {
        Self { rows, columns, view, first, steps }
    }

    /// Reads all elements, row-major.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    pub async fn read(&self) -> Result<Vec<f32>, Error> {
        let [down, right] = self.steps;
        let span = (self.rows - 1) * down + (self.columns - 1) * right + 1;
        let bytes = self.view.elements(self.first..self.first + span).await?;
        let mut values = vec![0.0; span as usize];
        Decoder::new(self.view.dtype(), bytes).decode_f32(0, &mut values);
        if self.steps == [self.columns, 1] {
            return Ok(values);
        }
        let row = |i| (0..self.columns).map(move |j| (i * down + j * right) as usize);
        Ok((0..self.rows).flat_map(row).map(|at| values[at]).collect())
    }
}
