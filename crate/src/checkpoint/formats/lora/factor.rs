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
}

impl Factor {
    /// Takes the elements of `view`, row-major, as a matrix of this shape.
    pub fn new([rows, columns]: [u64; 2], view: Rc<dyn View>) -> Self {
        Self { rows, columns, view }
    }

    /// Reads all elements, row-major.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    pub async fn read(&self) -> Result<Vec<f32>, Error> {
        let elements = self.rows * self.columns;
        let decoder = Decoder::new(self.view.dtype(), self.view.elements(0..elements).await?);
        let mut out = vec![0.0; elements as usize];
        decoder.decode_f32(0, &mut out);
        Ok(out)
    }
}
