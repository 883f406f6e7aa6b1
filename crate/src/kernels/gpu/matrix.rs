//! Weight matrices on the device: whole in tiles, or uploaded a tile at a time when they are used.

use crate::element::dtype::Dtype;
use crate::element::rows::{RowSource, steps};
use crate::error::Error;
use crate::kernels::gpu::shader::CHUNK;
use crate::kernels::gpu::{Gpu, mismatch};
use crate::kernels::memory::Residence;
use std::ops::{Deref, Range};
use std::rc::Rc;
use wgpu::{Buffer, CommandEncoder};

/// Bytes of one side that pass through this program's memory at a time, as many as a tile of a
/// streamed matrix has.
const PIECE: usize = 16 << 20;

/// Consecutive whole rows in one buffer.
pub(crate) struct Tile {
    pub(crate) first_row: usize,
    pub(crate) rows: usize,
    pub(crate) words: Buffer,
}

impl Drop for Tile {
    /// Destroys the buffer, since a browser frees a dropped one only when its collector runs. Work
    /// that was submitted before still sees it.
    fn drop(&mut self) {
        self.words.destroy();
    }
}

/// A weight matrix in tiles of rows no larger than one binding.
pub struct GpuMatrix {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) dtype: Dtype,
    tile_rows: usize,
    stored: Stored,
}

enum Stored {
    Whole(Vec<Tile>),
    Streamed(Rc<dyn RowSource>),
}

/// A tile of a resident matrix, or one that was uploaded for this use.
enum TileRef<'a> {
    Resident(&'a Tile),
    Uploaded(Tile),
}

impl Deref for TileRef<'_> {
    type Target = Tile;
    fn deref(&self) -> &Tile {
        match self {
            Self::Resident(tile) => tile,
            Self::Uploaded(tile) => tile,
        }
    }
}

impl GpuMatrix {
    /// Returns the rows of each tile.
    pub(crate) fn tiling(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        steps(self.rows, self.tile_rows)
    }

    /// Returns the bytes of a row.
    fn row_bytes(&self) -> usize {
        self.cols * self.dtype.size()
    }

    /// Returns a tile, which is uploaded if the matrix is streamed.
    async fn tile(
        &self,
        gpu: &Gpu,
        index: usize,
        rows: Range<usize>,
    ) -> Result<TileRef<'_>, Error> {
        match &self.stored {
            Stored::Whole(tiles) => tiles
                .get(index)
                .map(TileRef::Resident)
                .ok_or_else(|| mismatch("base and tuned differ in their tiles")),
            Stored::Streamed(source) => {
                Ok(TileRef::Uploaded(upload(gpu, source.as_ref(), rows, self.row_bytes()).await?))
            }
        }
    }
}

/// Fails unless the tiles of two matrices correspond and their weights can be numbered in 32 bits.
pub(crate) fn check_same_shape(a: &GpuMatrix, b: &GpuMatrix) -> Result<(), Error> {
    if (a.rows, a.cols, a.dtype, a.tile_rows) != (b.rows, b.cols, b.dtype, b.tile_rows) {
        return Err(mismatch("base and tuned differ in shape, dtype or tiles"));
    }
    if a.rows as u64 * a.cols as u64 > u64::from(u32::MAX) {
        return Err(Error::Device("more than 2^32 − 1 weights in one tensor".into()));
    }
    Ok(())
}

/// Uploads rows of a source into a buffer of their own, in pieces, since a tile may be larger than
/// this program's memory allows.
async fn upload(
    gpu: &Gpu,
    source: &dyn RowSource,
    rows: Range<usize>,
    row_bytes: usize,
) -> Result<Tile, Error> {
    let bytes = (rows.len() * row_bytes).next_multiple_of(4);
    let tile = Tile {
        first_row: rows.start,
        rows: rows.len(),
        words: gpu.device.allocate(bytes as u64).await?,
    };
    for piece in steps(rows.len(), (PIECE / row_bytes.max(1)).max(2) & !1) {
        let mut bytes =
            source.rows((rows.start + piece.start) as u64..(rows.start + piece.end) as u64).await?;
        if bytes.len() != piece.len() * row_bytes {
            return Err(mismatch("a matrix's bytes are not rows × columns elements"));
        }
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        gpu.device.write(&tile.words, (piece.start * row_bytes) as u64, &bytes)?;
        if piece.end < rows.len() {
            // The browser keeps what is written until the device has taken it.
            gpu.device.wait_for_earlier().await?;
        }
    }
    Ok(tile)
}

impl Gpu {
    /// Makes a matrix whose rows come from `source`, at once or when they are used.
    pub(crate) async fn place_rows(
        &self,
        rows: usize,
        cols: usize,
        dtype: Dtype,
        source: Rc<dyn RowSource>,
        residence: Residence,
    ) -> Result<GpuMatrix, Error> {
        if dtype == Dtype::F64 {
            return Err(Error::Device("F64 tensors are compared on the CPU backend".into()));
        }
        let bytes = match residence {
            Residence::Whole => self.tile_bytes,
            Residence::Streamed(bytes) => bytes.min(self.tile_bytes),
        };
        // Even row counts keep every tile of packed halves on a word boundary.
        let most = self.tile_bytes as usize / (cols * dtype.size()).max(1);
        let fit = (bytes as usize / (cols * dtype.size()).max(1)).max(2).min(most);
        let tile_rows = if fit >= rows {
            rows.max(1)
        } else if fit >= CHUNK {
            // Whole chunks of the shaders' sums, so that how a matrix is tiled does not change its
            // products.
            fit / CHUNK * CHUNK
        } else {
            fit & !1
        };
        if tile_rows == 0 {
            return Err(Error::Device(format!(
                "two rows of {cols} elements are over this device's binding limit"
            )));
        }
        let mut matrix =
            GpuMatrix { rows, cols, dtype, tile_rows, stored: Stored::Whole(Vec::new()) };
        if residence == Residence::Whole {
            let mut tiles = Vec::new();
            for rows in matrix.tiling() {
                tiles.push(upload(self, source.as_ref(), rows, matrix.row_bytes()).await?);
            }
            matrix.stored = Stored::Whole(tiles);
        } else {
            matrix.stored = Stored::Streamed(source);
        }
        Ok(matrix)
    }

    /// Calls `record` with an encoder and every pair of tiles, in order, and returns the encoder
    /// with what is still to be submitted. At most two pairs of tiles of streamed matrices are on
    /// the device at a time.
    pub(crate) async fn for_each_tile(
        &self,
        base: &GpuMatrix,
        tuned: &GpuMatrix,
        mut record: impl FnMut(&mut CommandEncoder, &Tile, &Tile) -> Result<(), Error>,
    ) -> Result<CommandEncoder, Error> {
        let mut encoder = self.device.encoder();
        for (i, rows) in base.tiling().enumerate() {
            let a = base.tile(self, i, rows.clone()).await?;
            let b = if std::ptr::eq(base, tuned) {
                None
            } else {
                Some(tuned.tile(self, i, rows).await?)
            };
            let second: &Tile = b.as_deref().unwrap_or(&a);
            record(&mut encoder, &a, second)?;
            if matches!(a, TileRef::Uploaded(_)) || matches!(b, Some(TileRef::Uploaded(_))) {
                self.device.submit(std::mem::replace(&mut encoder, self.device.encoder()))?;
                self.device.wait_for_earlier().await?;
            }
        }
        Ok(encoder)
    }
}
