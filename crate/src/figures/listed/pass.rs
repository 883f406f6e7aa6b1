//! One pass over the indices that sparse deltas list of a tensor: those of all runs together, tile
//! by tile. The masks of the runs are bits of one word per weight.

use crate::checkpoint::formats::sparse_delta::indices::Cursor;
use crate::checkpoint::listing::Listing;
use crate::element::grid::Grid;
use crate::error::Error;
use crate::figures::listed::sums::{ListedCounts, Marks, Places};
use crate::figures::overlap::sums::OverlapCounts;
use crate::host::Host;

/// Weights of a tile, at least one row: their masks, of 8 bytes each, stay in a core's cache.
const TILE: u64 = 1 << 16;

/// Indices of all lists together that are in memory at a time.
const AT_HAND: u64 = 1 << 21;

/// Counts of one pass over the lists of a tensor.
#[derive(Default)]
pub struct ListCounts {
    /// The weights that each run lists.
    pub runs: Vec<ListedCounts>,
    /// The weights that several runs share; `None` for a single run.
    pub overlap: Option<OverlapCounts>,
}

/// A run whose list can't be read.
#[derive(Debug)]
pub struct FailedRun {
    /// Its place among the listings.
    pub place: usize,
    /// Why.
    pub error: Error,
}

impl FailedRun {
    /// Says that an error belongs to the run at `place`.
    fn at(place: usize) -> impl Fn(Error) -> Self {
        move |error| Self { place, error }
    }
}

/// How a tensor is laid out for the pass.
struct Layout {
    /// Columns of a row. A tensor without rows of its own is cut into rows of a tile each.
    columns: u64,
    /// Rows of a tile.
    step: u64,
    /// Number of weights; `None` if the shape is unknown.
    elements: Option<u64>,
    /// Rows and columns of a matrix; `None` for vectors and without a shape.
    matrix: Option<(usize, usize)>,
    /// Cells of the map.
    grid: Grid,
}

impl Layout {
    /// # Errors
    /// [`Error::OutOfMemory`] where a side is longer than memory (a wasm heap ends at 4 GiB).
    fn new(listing: &Listing, map_side: usize) -> Result<Self, Error> {
        let matrix = match listing.matrix() {
            Some((m, n)) => Some((checked_length(m)?, checked_length(n)?)),
            None => None,
        };
        let columns = matrix.map_or(TILE, |(_, n)| n as u64);
        let grid = match matrix {
            Some((m, n)) => Grid::new(m, n, map_side),
            // All weights fall into one cell, however many rows of a tile they fill.
            None => {
                Grid { row_group: usize::MAX, column_group: columns as usize, rows: 1, columns: 1 }
            }
        };
        Ok(Self {
            columns,
            step: (TILE / columns).max(1),
            elements: listing.elements(),
            matrix,
            grid,
        })
    }

    fn zero(&self) -> Result<ListedCounts, Error> {
        let places = match self.matrix {
            Some((m, n)) => Some(Places {
                row: zeros(m)?,
                column: zeros(n)?,
                map: zeros(self.grid.cells())?,
                grid: self.grid,
            }),
            None => None,
        };
        Ok(ListedCounts { changed: 0, places })
    }
}

/// A delta may claim any shape, also one that no memory holds.
fn too_long(length: impl std::fmt::Display) -> Error {
    Error::OutOfMemory(format!("the delta gives it {length} rows or columns"))
}

fn checked_length(side: u64) -> Result<usize, Error> {
    usize::try_from(side).map_err(|_| too_long(side))
}

fn zeros(length: usize) -> Result<Vec<u64>, Error> {
    let mut out = Vec::new();
    out.try_reserve_exact(length).map_err(|_| too_long(length))?;
    out.resize(length, 0);
    Ok(out)
}

/// One list of a run, as far as it was read.
struct OpenList<'a> {
    run: usize,
    /// The tensor's first element, where it is a slice of a larger one.
    offset: u64,
    cursor: Cursor<'a>,
}

/// Reads the lists of all runs of a tensor once, tile by tile; tiles without any index are passed
/// over.
///
/// # Errors
/// The run whose list can't be read, with the reason.
pub async fn read_lists(
    listings: &[&Listing],
    map_side: usize,
    host: &Host<'_>,
) -> Result<ListCounts, FailedRun> {
    let Some(first) = listings.first() else {
        return Ok(ListCounts::default());
    };
    let layout = Layout::new(first, map_side).map_err(FailedRun::at(0))?;
    let total: u64 = listings.iter().flat_map(|l| l.lists.iter()).map(|list| list.count()).sum();
    let (mut runs, mut open) = open_lists(listings, &layout).await?;
    let mut overlap = (listings.len() > 1)
        .then(|| OverlapCounts::zero(listings.len(), layout.columns as usize, layout.grid));
    // A single list has nothing to be compared with.
    let several = open.len() > 1;
    let mut masks = Vec::new();
    let mut done = 0;
    while let Some(next) = nearest(&mut open).await? {
        let row = next / layout.columns;
        let (from, to) = if several {
            (row * layout.columns, (row + layout.step).saturating_mul(layout.columns))
        } else {
            (0, u64::MAX)
        };
        let to = layout.elements.map_or(to, |elements| to.min(elements));
        if several {
            masks.clear();
            masks.resize((to - from) as usize, 0u64);
        }
        for OpenList { run, offset, cursor } in &mut open {
            while cursor.next().await.map_err(FailedRun::at(*run))?.is_some() {
                let indices = cursor.take_below(to.saturating_add(*offset));
                if indices.is_empty() {
                    break;
                }
                let marks =
                    several.then(|| Marks { masks: &mut masks, first: from, run: 1 << *run });
                runs[*run].add(indices, *offset, marks);
                done += indices.len() as u64;
                (host.progress)("listed", done as f64 / total as f64);
            }
        }
        if let Some(overlap) = &mut overlap {
            if layout.matrix.is_some() {
                overlap.row_all.resize(row as usize, 0);
            }
            masks
                .chunks(layout.columns as usize)
                .for_each(|masks| overlap.count(masks, listings.len()));
        }
    }
    if let (Some(overlap), Some((rows, _))) = (&mut overlap, layout.matrix) {
        overlap.row_all.resize(rows, 0);
    }
    Ok(ListCounts { runs, overlap })
}

/// Opens all lists, and makes counts of 0 for every run.
async fn open_lists<'a>(
    listings: &[&'a Listing],
    layout: &Layout,
) -> Result<(Vec<ListedCounts>, Vec<OpenList<'a>>), FailedRun> {
    let lists: u64 = listings.iter().map(|l| l.lists.len() as u64).sum();
    let mut runs = Vec::with_capacity(listings.len());
    let mut open = Vec::new();
    for (run, listing) in listings.iter().enumerate() {
        let failed = FailedRun::at(run);
        runs.push(layout.zero().map_err(&failed)?);
        let range = listing.range.as_ref();
        for list in listing.lists.iter() {
            let cursor = list.open_cursor(range, AT_HAND / lists).await.map_err(&failed)?;
            open.push(OpenList { run, offset: range.map_or(0, |range| range.start), cursor });
        }
    }
    Ok((runs, open))
}

/// The smallest place in the matrix that any list goes on with.
async fn nearest(open: &mut [OpenList<'_>]) -> Result<Option<u64>, FailedRun> {
    let mut nearest: Option<u64> = None;
    for OpenList { run, offset, cursor } in open {
        if let Some(index) = cursor.next().await.map_err(FailedRun::at(*run))? {
            nearest = Some(nearest.map_or(index - *offset, |other| other.min(index - *offset)));
        }
    }
    Ok(nearest)
}
