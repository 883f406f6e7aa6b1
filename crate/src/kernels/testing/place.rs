//! Places: a device, and how matrices lie on it.

use super::{OUTSIDE, Stored, TestDevice};
use crate::element::Dtype;
use crate::kernels::cpu::Cpu;
use crate::kernels::cpu::store::with_limits;
use crate::kernels::gpu::{Gpu, Prefer};
use crate::kernels::{Operand, Residence};
use pollster::block_on;
use std::fmt;

/// Bytes of a tile that holds every matrix of the suites whole.
const WHOLE: u64 = 128 << 20;

/// How matrices lie on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// In one piece.
    Whole,
    /// In several tiles, as if the matrix were larger than a buffer of the device may be.
    InTiles,
    /// Outside, and read a tile at a time.
    Streamed,
}

/// A device, and how matrices lie on it.
pub(crate) struct Place<B> {
    /// The device.
    pub(crate) device: B,
    layout: Layout,
}

/// Runs a case on the CPU with matrices in memory.
pub(crate) fn at_cpu_resident(case: fn(&mut Place<Cpu>)) {
    case(&mut Place { device: Cpu, layout: Layout::Whole });
}

/// Runs a case on the CPU with all blocks outside the program's own memory.
pub(crate) fn at_cpu_outside(case: fn(&mut Place<Cpu>)) {
    with_limits(OUTSIDE, || at_cpu_resident(case));
}

/// Runs a case on the CPU with matrices that are read a tile at a time.
pub(crate) fn at_cpu_streamed(case: fn(&mut Place<Cpu>)) {
    case(&mut Place { device: Cpu, layout: Layout::Streamed });
}

/// Runs a case on a GPU with each matrix in one buffer.
pub(crate) fn at_gpu_resident(case: fn(&mut Place<Gpu>)) {
    case(&mut Place { device: gpu(), layout: Layout::Whole });
}

/// Runs a case on a GPU with each matrix in several buffers.
pub(crate) fn at_gpu_in_tiles(case: fn(&mut Place<Gpu>)) {
    case(&mut Place { device: gpu(), layout: Layout::InTiles });
}

/// Runs a case on a GPU with matrices that are uploaded a tile at a time.
pub(crate) fn at_gpu_streamed(case: fn(&mut Place<Gpu>)) {
    case(&mut Place { device: gpu(), layout: Layout::Streamed });
}

/// Opens a GPU that also computes exact Gram matrices.
pub(crate) fn gpu() -> Gpu {
    block_on(Gpu::new(Prefer::Fast))
        .expect(
            "this test needs a Vulkan, Metal or DX12 adapter; a software one (lavapipe) will do",
        )
        .with_exact_grams(true)
}

/// A shape and a dtype, and the size of the tiles in which matrices of them are placed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    /// (rows, columns).
    pub(crate) shape: (usize, usize),
    /// The dtype of base and tuned.
    pub(crate) dtype: Dtype,
    /// Bytes of a tile.
    pub(crate) tile: u64,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shape: (rows, cols), dtype, tile } = self;
        write!(f, "{rows}×{cols} {dtype:?}, tiles of {tile} bytes")
    }
}

impl<B: TestDevice> Place<B> {
    /// Lists all dtypes of the device and all sizes of tiles for each of these shapes.
    pub(crate) fn cases(&self, shapes: &[(usize, usize)]) -> Vec<Case> {
        let sizes = |cols, dtype| match self.layout {
            Layout::Whole => vec![WHOLE],
            Layout::InTiles | Layout::Streamed => B::tile_sizes(cols, dtype),
        };
        let each = |dtype: Dtype, shape: (usize, usize)| {
            sizes(shape.1, dtype).into_iter().map(move |tile| Case { shape, dtype, tile })
        };
        let of_dtype = |dtype: &Dtype| {
            let dtype = *dtype;
            shapes.iter().flat_map(move |shape| each(dtype, *shape)).collect::<Vec<_>>()
        };
        B::DTYPES.iter().flat_map(of_dtype).collect()
    }

    /// Places a matrix as matrices lie at this place, in tiles of so many bytes if it is cut.
    pub(crate) fn place(&mut self, stored: &Stored, tile: u64) -> B::Matrix {
        if self.layout == Layout::Whole {
            return self.place_as(stored, WHOLE, self.layout);
        }
        let matrix = self.place_as(stored, tile, self.layout);
        B::assert_tiles(&matrix, stored.shape.0, tile);
        matrix
    }

    /// Places the same matrix resident, in the same tiles.
    pub(crate) fn place_resident(&mut self, stored: &Stored, tile: u64) -> B::Matrix {
        self.place_as(stored, tile, Layout::InTiles)
    }

    fn place_as(&mut self, stored: &Stored, tile: u64, layout: Layout) -> B::Matrix {
        let residence = match layout {
            Layout::Whole | Layout::InTiles => Residence::Whole,
            Layout::Streamed => Residence::Streamed(tile),
        };
        self.device.limit_tiles(tile);
        stored.place(&self.device, residence)
    }

    /// Makes a block on the device.
    pub(crate) fn make_block(&self, rows: usize, cols: usize, values: &[f32]) -> B::Block {
        self.device.block(rows, cols, values).expect("a block")
    }

    /// Computes W·X, or Wᵀ·X with `transpose`.
    pub(crate) fn multiply(
        &self,
        w: Operand<'_, B::Matrix>,
        transpose: bool,
        x: &B::Block,
    ) -> Vec<f32> {
        block_on(async {
            let y = self.device.product(w, transpose, x).await.expect("a product");
            self.device.read(&y).await.expect("the values of a product")
        })
    }
}
