//! Weight matrices, whole in memory or read a tile of rows at a time.

use crate::element::decode::Decoder;
use crate::element::dtype::Dtype;
use crate::element::rows::{RowSource, steps};
use crate::error::Error;
use crate::kernels::Operand;
use crate::kernels::cpu::panel_rows;
use crate::kernels::memory::Residence;
use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;

/// A weight matrix in its stored dtype.
#[derive(Clone)]
pub struct CpuMatrix {
    /// m.
    pub rows: usize,
    /// n.
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
    /// In the matrix.
    pub(crate) rows: Range<usize>,
    pub(crate) cols: usize,
    pub(crate) decoder: Cow<'a, Decoder>,
    /// Where the tile's first row lies in the decoder, which may hold more.
    pub(crate) at: usize,
}

impl CpuMatrix {
    pub(crate) fn whole(
        rows: usize,
        cols: usize,
        dtype: Dtype,
        bytes: Vec<u8>,
    ) -> Result<Self, Error> {
        check(rows, cols, dtype, &bytes)?;
        Ok(Self { rows, cols, dtype, stored: Stored::Whole(Decoder::new(dtype, bytes)) })
    }

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

    fn tile_rows(&self) -> usize {
        match &self.stored {
            Stored::Whole(_) => self.rows,
            Stored::Streamed { tile_rows, .. } => *tile_rows,
        }
    }

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

fn check(rows: usize, cols: usize, dtype: Dtype, bytes: &[u8]) -> Result<(), Error> {
    if bytes.len() == rows * cols * dtype.size() {
        return Ok(());
    }
    Err(Error::Device(format!("{} bytes do not make a {rows}×{cols} {dtype} matrix", bytes.len())))
}

/// The row ranges in which an operand is worked through.
pub(crate) fn tiling(w: Operand<'_, CpuMatrix>) -> impl Iterator<Item = Range<usize>> + use<> {
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
    pub(crate) async fn read(w: Operand<'a, CpuMatrix>, rows: Range<usize>) -> Result<Self, Error> {
        Ok(match w {
            Operand::One(a) => Self::One(a.tile(rows).await?),
            Operand::Difference(base, tuned) => {
                Self::Two(base.tile(rows.clone()).await?, tuned.tile(rows).await?)
            }
        })
    }

    pub(crate) fn operand(&self) -> Operand<'_, Tile<'a>> {
        match self {
            Self::One(a) => Operand::One(a),
            Self::Two(base, tuned) => Operand::Difference(base, tuned),
        }
    }
}
