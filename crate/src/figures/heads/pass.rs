//! One pass over the attention heads of a projection. The block of each head is a small matrix of
//! its own, which is decomposed exactly.

use crate::checkpoint::attention::HeadBlocks;
use crate::checkpoint::pairing::{Pair, Side};
use crate::element::decode::Decoder;
use crate::error::Error;
use crate::figures::chance::rotation::{Rotation, compute_rotation_by_chance};
use crate::figures::chance::spectral::compute_nss_by_chance;
use crate::figures::chance::spectrum::Spectrum;
use crate::figures::heads::report::{Axis, Heads};
use crate::figures::statistics::norm;
use crate::host::Host;
use crate::kernels::diff::DiffCounts;
use crate::linalg::decoded::{decode_columns, decode_rows};
use crate::linalg::exact::{ExactPair, Panels, decompose_exact};
use crate::linalg::random::derive_seed;
use crate::settings::Settings;
use faer::Mat;

/// Rows of both sides that hold some heads.
struct Rows {
    base: Decoder,
    tuned: Decoder,
    columns: usize,
}

impl Rows {
    async fn read(pair: &Pair, rows: std::ops::Range<u64>) -> Result<Self, Error> {
        let base = pair.decode_rows(Side::Base, rows.clone()).await?;
        Ok(Self {
            base,
            tuned: pair.decode_rows(Side::Tuned, rows).await?,
            columns: pair.cols() as usize,
        })
    }
}

/// One head's block of `rows`, as panels along its longer side.
struct Block<'a> {
    rows: &'a Rows,
    /// The block's rows and columns.
    shape: (usize, usize),
    /// Its first column.
    column: usize,
}

impl Panels for Block<'_> {
    fn shape(&self) -> (usize, usize) {
        (self.shape.0.max(self.shape.1), self.shape.0.min(self.shape.1))
    }

    async fn panel(&self, start: usize, count: usize) -> Result<(Mat<f64>, Mat<f64>), Error> {
        let ((long, short), tall) = (Panels::shape(self), self.shape.0 >= self.shape.1);
        debug_assert!(start + count <= long);
        let of = |side: &Decoder| {
            let stride = self.rows.columns;
            if tall {
                decode_rows(side, start * stride + self.column, stride, (count, short))
            } else {
                decode_columns(side, self.column + start, stride, (count, short))
            }
        };
        Ok((of(&self.rows.base), of(&self.rows.tuned)))
    }
}

/// Figures of one head's block.
struct HeadFigures {
    nss: f64,
    nss_chance: f64,
    /// The largest angle on the hidden side, in degrees.
    rotation: f64,
    rotation_chance: Option<f64>,
}

impl HeadFigures {
    /// Computes the figures of a block whose longer side has `long` entries; `hidden_is_long` says
    /// that it is the hidden side.
    fn compute(
        found: &ExactPair,
        long: usize,
        hidden_is_long: bool,
        seed: u32,
    ) -> Result<Self, Error> {
        let s = &found.spectra;
        let squared = |values: &[f64]| values.iter().map(|x| x * x).sum::<f64>();
        let spectrum =
            Spectrum::new(&s.base, (long, s.base.len()), squared(&found.update), squared(&s.base));
        let turned = compute_rotation_by_chance(&spectrum, s.k, seed)?;
        let largest_by_chance = |angles: fn(&Rotation) -> &Vec<f64>| {
            turned.as_ref().map(|t| angles(t).first().copied().unwrap_or(0.0))
        };
        // An unchanged head reads exactly 0, not the rounding of two equal computations.
        let still = found.update.iter().all(|s| *s == 0.0);
        let nss =
            norm(s.tuned.iter().zip(&s.base).map(|(a, b)| a - b)) / norm(s.base.iter().copied());
        let angles = if hidden_is_long { &s.left } else { &s.right };
        Ok(Self {
            nss: if still { 0.0 } else { nss },
            nss_chance: compute_nss_by_chance(&spectrum, s.k).whole,
            rotation: if still { 0.0 } else { angles.iter().copied().fold(0.0, f64::max) },
            rotation_chance: largest_by_chance(if hidden_is_long {
                |t| &t.left
            } else {
                |t| &t.right
            }),
        })
    }
}

/// Where the heads lie on a projection, as the base's config.json cuts it.
struct HeadLayout {
    blocks: HeadBlocks,
    /// Rows and columns of one block.
    shape: (usize, usize),
    /// Length of the side that is not divided.
    hidden: usize,
}

impl HeadLayout {
    fn new(pair: &Pair, blocks: HeadBlocks) -> Self {
        let (rows, cols) = (pair.rows() as usize, pair.cols() as usize);
        let (shape, hidden) =
            if blocks.on_rows { ((blocks.size, cols), cols) } else { ((rows, blocks.size), rows) };
        Self { blocks, shape, hidden }
    }
}

/// Computes the figures of every head: subspaces from `pair`, densities from `counts`, which are
/// those of `with_heads`. `None` without heads, or where a head's block is zero.
///
/// Heads on rows are read one at a time; those on columns need the whole matrix in memory, or are
/// left out.
///
/// # Errors
/// [`Error::Read`] by the file's name; [`Error::Numerics`] where a block's decomposition does not
/// converge.
pub async fn compute_heads(
    pair: &Pair,
    with_heads: &Pair,
    counts: &DiffCounts,
    settings: &Settings,
    host: &Host<'_>,
) -> Result<Option<Heads>, Error> {
    let Some(blocks) = with_heads.heads else {
        return Ok(None);
    };
    if !blocks.on_rows && 2 * pair.bytes() > host.memory / 2 {
        return Ok(None);
    }
    let layout = HeadLayout::new(pair, blocks);
    let Some((k, found)) = decompose_heads(pair, &layout, settings.k, host).await? else {
        return Ok(None);
    };
    let HeadBlocks { on_rows, count, size, .. } = blocks;
    let changed = if on_rows { &counts.row_changed } else { &counts.column_changed };
    let weights = (layout.shape.0 * layout.shape.1) as f64;
    let long = layout.shape.0.max(layout.shape.1);
    let seed = derive_seed(settings.seed, &pair.name);
    let figures = (0u32..).zip(&found).map(|(head, f)| {
        HeadFigures::compute(f, long, layout.hidden >= size, seed.wrapping_add(head))
    });
    let figures = figures.collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Heads {
        axis: if on_rows { Axis::Rows } else { Axis::Columns },
        count,
        size,
        labels: blocks.labels(),
        density: changed.chunks(size).map(|c| c.iter().sum::<u64>() as f64 / weights).collect(),
        k,
        gap: found
            .iter()
            .map(|f| f.spectra.base.get(k).map_or(1.0, |next| 1.0 - next / f.spectra.base[k - 1]))
            .collect(),
        nss: figures.iter().map(|f| f.nss).collect(),
        nss_chance: figures.iter().map(|f| f.nss_chance).collect(),
        rotation: figures.iter().map(|f| f.rotation).collect(),
        rotation_chance: figures.iter().map(|f| f.rotation_chance).collect(),
    }))
}

/// Decomposes the block of every head at one rank, the largest up to k that all of them have.
/// Returns that rank and the decompositions; `None` where a block is zero.
async fn decompose_heads(
    pair: &Pair,
    layout: &HeadLayout,
    mut k: usize,
    host: &Host<'_>,
) -> Result<Option<(usize, Vec<ExactPair>)>, Error> {
    let HeadBlocks { on_rows, count, size, .. } = layout.blocks;
    let whole = if on_rows { None } else { Some(Rows::read(pair, 0..pair.rows()).await?) };
    let mut found: Vec<ExactPair> = Vec::with_capacity(count);
    let mut head = 0;
    while head < count {
        (host.progress)("heads", head as f64 / count as f64);
        let of_head;
        let rows = match &whole {
            Some(rows) => rows,
            None => {
                of_head =
                    Rows::read(pair, (head * size) as u64..((head + 1) * size) as u64).await?;
                &of_head
            }
        };
        let column = if on_rows { 0 } else { head * size };
        let exact = decompose_exact(&Block { rows, shape: layout.shape, column }, k, false).await?;
        if exact.spectra.k == 0 {
            return Ok(None);
        }
        if exact.spectra.k < k && head > 0 {
            // Heads compare only at one rank: those before are decomposed again at this smaller
            // one.
            (k, head) = (exact.spectra.k, 0);
            found.clear();
            continue;
        }
        k = exact.spectra.k;
        found.push(exact);
        head += 1;
    }
    Ok(Some((k, found)))
}
