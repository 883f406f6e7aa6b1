//! Attention heads: each head's block of a projection as a small matrix of its own, decomposed
//! exactly.

use crate::checkpoint::attention::HeadBlocks;
use crate::checkpoint::pairing::{Pair, Side};
use crate::element::decode::Decoder;
use crate::error::Error;
use crate::figures::chance;
use crate::figures::chance::Spectrum;
use crate::figures::heads::report::Heads;
use crate::figures::statistics::norm;
use crate::host::Host;
use crate::kernels::diff::DiffCounts;
use crate::linalg::exact::{ExactPair, Panels, exact};
use crate::linalg::random::named;
use crate::settings::Settings;
use faer::Mat;

/// The rows that hold some heads, of both sides.
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
            Mat::from_fn(count, short, |i, j| {
                let (row, column) = if tall { (start + i, j) } else { (j, start + i) };
                side.f64(row * self.rows.columns + self.column + column)
            })
        };
        Ok((of(&self.rows.base), of(&self.rows.tuned)))
    }
}

/// Figures of one head's block.
struct Figures {
    nss: f64,
    nss_chance: f64,
    /// The largest angle on the hidden side.
    rotation: f64,
    rotation_chance: Option<f64>,
}

impl Figures {
    /// Of a block whose longer side has `long` entries, `hidden_is_long` where that is the hidden
    /// side.
    fn of(found: &ExactPair, long: usize, hidden_is_long: bool, seed: u32) -> Result<Self, Error> {
        let s = &found.spectra;
        let squared = |values: &[f64]| values.iter().map(|x| x * x).sum::<f64>();
        let spectrum =
            Spectrum::new(&s.base, (long, s.base.len()), squared(&found.update), squared(&s.base));
        let turned = chance::rotation(&spectrum, s.k, seed)?;
        let chance = |of: fn(&chance::Rotation) -> &Vec<f64>| {
            turned.as_ref().map(|t| of(t).first().copied().unwrap_or(0.0))
        };
        // An unchanged head reads exactly 0, not the rounding of two equal computations.
        let still = found.update.iter().all(|s| *s == 0.0);
        let nss =
            norm(s.tuned.iter().zip(&s.base).map(|(a, b)| a - b)) / norm(s.base.iter().copied());
        let angles = if hidden_is_long { &s.left } else { &s.right };
        Ok(Self {
            nss: if still { 0.0 } else { nss },
            nss_chance: chance::nss(&spectrum, s.k).0,
            rotation: if still { 0.0 } else { angles.iter().copied().fold(0.0, f64::max) },
            rotation_chance: chance(if hidden_is_long { |t| &t.left } else { |t| &t.right }),
        })
    }
}

/// The figures of every head: subspaces of `pair`, densities of `counts`, whose heads are those of
/// `with_heads`. `None` where there are none, or a head's block is zero.
///
/// Heads on rows are read one at a time; those on columns need the whole matrix in memory, or are
/// left out.
pub async fn heads(
    pair: &Pair,
    with_heads: &Pair,
    counts: &DiffCounts,
    settings: &Settings,
    host: &Host<'_>,
) -> Result<Option<Heads>, Error> {
    let Some(blocks @ HeadBlocks { on_rows, count, size, .. }) = with_heads.heads else {
        return Ok(None);
    };
    if !on_rows && 2 * pair.bytes() > host.memory / 2 {
        return Ok(None);
    }
    let whole = if on_rows { None } else { Some(Rows::read(pair, 0..pair.rows()).await?) };
    let (shape, hidden) = if on_rows {
        ((size, pair.cols() as usize), pair.cols())
    } else {
        ((pair.rows() as usize, size), pair.rows())
    };
    let mut k = settings.k;
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
        let block = Block { rows, shape, column: if on_rows { 0 } else { head * size } };
        let exact = exact(&block, k, false).await?;
        if exact.spectra.k == 0 {
            return Ok(None);
        }
        if exact.spectra.k < k && head > 0 {
            // Heads compare only at one rank: those before are taken again at this smaller one.
            (k, head) = (exact.spectra.k, 0);
            found.clear();
            continue;
        }
        k = exact.spectra.k;
        found.push(exact);
        head += 1;
    }
    let changed = if on_rows { &counts.row_changed } else { &counts.column_changed };
    let weights = (shape.0 * shape.1) as f64;
    let (long, seed) = (shape.0.max(shape.1), named(settings.seed, &pair.name));
    let figures = (0u32..)
        .zip(&found)
        .map(|(head, f)| Figures::of(f, long, hidden as usize >= size, seed.wrapping_add(head)));
    let figures = figures.collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Heads {
        axis: if on_rows { "rows" } else { "columns" }.into(),
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
