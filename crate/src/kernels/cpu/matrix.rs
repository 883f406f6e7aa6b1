//! Weight matrices, whole in memory or read a tile of rows at a time.

use crate::element::decode::Decoder;
use crate::element::dtype::Dtype;
use crate::element::rows::{RowSource, steps};
use crate::error::Error;
use crate::kernels::Operand;
use crate::kernels::cpu::sizes::panel_rows;
use crate::kernels::memory::Residence;
use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;

/// A weight matrix in its stored dtype.
#[derive(Clone)]
pub struct CpuMatrix {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    dtype: Dtype,
    stored: Stored,
}

#[derive(Clone)]
enum Stored {
    Whole(Decoder),
    Streamed { source: Rc<dyn RowSource>, tile_rows: usize },
}

/// Consecutive rows in memory.
pub(crate) struct Tile<'a> {
    /// The rows of the matrix that the tile holds.
    pub(crate) rows: Range<usize>,
    pub(crate) cols: usize,
    pub(crate) decoder: Cow<'a, Decoder>,
    /// The place of the tile's first row in the decoder, which may hold more rows.
    pub(crate) at: usize,
}

impl CpuMatrix {
    /// Makes a matrix that is whole in memory.
    pub(crate) fn whole(
        rows: usize,
        cols: usize,
        dtype: Dtype,
        bytes: Vec<u8>,
    ) -> Result<Self, Error> {
        check(rows, cols, dtype, &bytes)?;
        Ok(Self { rows, cols, dtype, stored: Stored::Whole(Decoder::new(dtype, bytes)) })
    }

    /// Makes a matrix whose rows come from `source`, at once or when they are used.
    pub(crate) async fn placed(
        rows: usize,
        cols: usize,
        dtype: Dtype,
        source: Rc<dyn RowSource>,
        residence: Residence,
    ) -> Result<Self, Error> {
        match residence {
            Residence::Whole => Self::whole(rows, cols, dtype, source.rows(0..rows as u64).await?),
            Residence::Streamed(bytes) => {
                // Whole panels, so that a streamed product sums what a resident one does.
                let panel = panel_rows(cols);
                let tile_rows =
                    (bytes as usize / (cols * dtype.size()).max(1) / panel * panel).max(panel);
                Ok(Self { rows, cols, dtype, stored: Stored::Streamed { source, tile_rows } })
            }
        }
    }

    /// Returns the rows of a tile.
    fn tile_rows(&self) -> usize {
        match &self.stored {
            Stored::Whole(_) => self.rows,
            Stored::Streamed { tile_rows, .. } => *tile_rows,
        }
    }

    /// Returns a tile, which is read if the matrix is streamed.
    async fn tile(&self, rows: Range<usize>) -> Result<Tile<'_>, Error> {
        let (decoder, at) = match &self.stored {
            Stored::Whole(decoder) => (Cow::Borrowed(decoder), rows.start),
            Stored::Streamed { source, .. } => {
                let bytes = source.rows(rows.start as u64..rows.end as u64).await?;
                check(rows.len(), self.cols, self.dtype, &bytes)?;
                (Cow::Owned(Decoder::new(self.dtype, bytes)), 0)
            }
        };
        Ok(Tile { rows, cols: self.cols, decoder, at })
    }
}

/// Fails unless the bytes are those of a rows × cols matrix.
fn check(rows: usize, cols: usize, dtype: Dtype, bytes: &[u8]) -> Result<(), Error> {
    if bytes.len() == rows * cols * dtype.size() {
        return Ok(());
    }
    Err(Error::Device(format!("{} bytes do not make a {rows}×{cols} {dtype} matrix", bytes.len())))
}

/// Returns the ranges of rows in which an operand is worked through.
pub(crate) fn tile_ranges(w: Operand<'_, CpuMatrix>) -> impl Iterator<Item = Range<usize>> + use<> {
    let (rows, step) = match w {
        Operand::One(a) => (a.rows, a.tile_rows()),
        Operand::Difference(a, b) => (a.rows, a.tile_rows().min(b.tile_rows())),
    };
    steps(rows, step)
}

/// One tile of each matrix of an operand.
pub(crate) enum Tiles<'a> {
    One(Tile<'a>),
    Two(Tile<'a>, Tile<'a>),
}

impl<'a> Tiles<'a> {
    /// Reads the tiles of some rows.
    pub(crate) async fn read(w: Operand<'a, CpuMatrix>, rows: Range<usize>) -> Result<Self, Error> {
        Ok(match w {
            Operand::One(a) => Self::One(a.tile(rows).await?),
            Operand::Difference(base, tuned) => {
                Self::Two(base.tile(rows.clone()).await?, tuned.tile(rows).await?)
            }
        })
    }

    /// Returns the tiles as an operand.
    pub(crate) fn operand(&self) -> Operand<'_, Tile<'a>> {
        match self {
            Self::One(a) => Operand::One(a),
            Self::Two(base, tuned) => Operand::Difference(base, tuned),
        }
    }
}

/// Returns the (rows, columns) of an operand.
pub(crate) fn operand_shape(w: Operand<'_, CpuMatrix>) -> (usize, usize) {
    match w {
        Operand::One(a) | Operand::Difference(a, _) => (a.rows, a.cols),
    }
}

/// Calls `work` with every tile of base and tuned, in order.
pub(crate) async fn for_each_tile(
    base: &CpuMatrix,
    tuned: &CpuMatrix,
    mut work: impl FnMut(&Tile<'_>, &Tile<'_>),
) -> Result<(), Error> {
    let both = Operand::Difference(base, tuned);
    for rows in tile_ranges(both) {
        if let Tiles::Two(base, tuned) = Tiles::read(both, rows).await? {
            work(&base, &tuned);
        }
    }
    Ok(())
}
