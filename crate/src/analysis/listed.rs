//! Sparse deltas without their base: one pass over the indices of all runs of a tensor, whose masks
//! are bits in a tile.

use crate::analysis::results::Analyzed;
use crate::checkpoint::formats::sparse_delta::indices::Cursor;
use crate::checkpoint::listing::Listing;
use crate::element::grid::Grid;
use crate::error::Error;
use crate::figures::listed::compute as listed;
use crate::figures::listed::sums::{ListedCounts, Marks, Places};
use crate::figures::maps::compute::consensus;
use crate::figures::overlap::compute as overlaps;
use crate::figures::overlap::report::Overlap;
use crate::figures::overlap::sums::OverlapCounts;
use crate::figures::tensor::TensorReport;
use crate::figures::tensor::unfilled;
use crate::host::Host;
use crate::settings::Settings;
use std::cell::Cell;

/// Weights of a tile, at least one row: their masks, of 8 bytes each, stay in a core's cache.
const TILE: u64 = 1 << 16;

/// Indices of all lists together that are at hand.
const AT_HAND: u64 = 1 << 21;

/// What every report of this kind says in place of a geometry.
const NOTE: &str = "there is no base: the delta tells which weights changed, but not by how much, so there are no figures of the update, its spectrum and its geometry";

/// How a tensor is laid out for the pass.
struct Layout {
    /// Of one row; what has no rows of its own is cut into some of a tile each.
    columns: u64,
    /// Rows of a tile.
    step: u64,
    /// Weights, where they are known.
    elements: Option<u64>,
    /// Where rows and columns mean something.
    matrix: Option<(usize, usize)>,
    grid: Grid,
}

impl Layout {
    /// # Errors
    /// [`Error::OutOfMemory`] where a side is longer than memory (a wasm heap ends at 4 GiB).
    fn of(listing: &Listing, map_side: usize) -> Result<Self, Error> {
        let matrix = match listing.matrix() {
            Some((m, n)) => Some((length(m)?, length(n)?)),
            None => None,
        };
        let columns = matrix.map_or(TILE, |(_, n)| n as u64);
        let grid = match matrix {
            Some((m, n)) => Grid::new(m, n, map_side),
            // Those all fall into one cell, however many they are.
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

/// A delta may claim any shape.
fn too_long(length: impl std::fmt::Display) -> Error {
    Error::OutOfMemory(format!("the delta gives it {length} rows or columns"))
}

fn length(side: u64) -> Result<usize, Error> {
    usize::try_from(side).map_err(|_| too_long(side))
}

fn zeros(length: usize) -> Result<Vec<u64>, Error> {
    let mut out = Vec::new();
    out.try_reserve_exact(length).map_err(|_| too_long(length))?;
    out.resize(length, 0);
    Ok(out)
}

/// All runs of one tensor. A run whose list can't be read is reported as failed, and the others are
/// compared without it.
pub async fn listed(
    listings: &[(usize, Listing)],
    settings: &Settings,
    host: &Host<'_>,
) -> Analyzed {
    let start = (host.now)();
    // What is read again, without a run that failed, is no step back.
    let most = Cell::new(0.0);
    let progress = |stage: &str, share: f64| {
        most.set(share.max(most.get()));
        (host.progress)(stage, most.get());
    };
    let host = &Host { progress: &progress, ..*host };
    let mut reports: Vec<_> =
        listings.iter().map(|(run, listing)| (*run, blank(listing))).collect();
    let mut good: Vec<usize> = (0..listings.len()).collect();
    let found = loop {
        let read: Vec<&Listing> = good.iter().map(|place| &listings[*place].1).collect();
        match pass(&read, settings.map_side, host).await {
            Ok(found) => break found,
            Err((failed, error)) => reports[good.remove(failed)].1.fail(&error),
        }
    };
    let maps = settings.map_side > 0;
    for (place, counts) in good.iter().zip(&found.runs) {
        reports[*place].1.listed =
            Some(listed::listed(counts, listings[*place].1.elements(), maps));
    }
    let runs: Vec<usize> = good.iter().map(|place| listings[*place].0).collect();
    let overlaps = match (&found.overlap, listings.first()) {
        (Some(counts), Some((_, first))) => vec![overlap(first, runs, counts, maps)],
        _ => Vec::new(),
    };
    let seconds = ((host.now)() - start) / reports.len().max(1) as f64;
    reports.iter_mut().for_each(|(_, report)| report.seconds = seconds);
    (host.progress)("done", 1.0);
    Analyzed { tensors: reports, overlaps }
}

fn overlap(first: &Listing, runs: Vec<usize>, counts: &OverlapCounts, maps: bool) -> Overlap {
    let mut found =
        overlaps::of_lists(&first.name, runs, counts, first.elements(), first.matrix().is_some());
    let shape = first.matrix().filter(|_| maps).map(|(m, n)| (m as usize, n as usize));
    found.consensus_map = shape.map(|shape| consensus(&counts.grid, shape, &counts.map_all));
    found
}

/// What a pass found of the runs, and of two and more what they share.
#[derive(Default)]
struct Found {
    runs: Vec<ListedCounts>,
    overlap: Option<OverlapCounts>,
}

/// One list of a run.
struct Open<'a> {
    run: usize,
    offset: u64,
    cursor: Cursor<'a>,
}

/// Reads the lists of all runs once, tile by tile; tiles without any index are passed over.
///
/// # Errors
/// The place of the run whose list can't be read, with the reason.
async fn pass(
    listings: &[&Listing],
    map_side: usize,
    host: &Host<'_>,
) -> Result<Found, (usize, Error)> {
    let Some(first) = listings.first() else {
        return Ok(Found::default());
    };
    let layout = Layout::of(first, map_side).map_err(|error| (0, error))?;
    let mut runs = Vec::with_capacity(listings.len());
    let mut open = Vec::new();
    let lists: u64 = listings.iter().map(|l| l.lists.len() as u64).sum();
    let total: u64 = listings.iter().flat_map(|l| l.lists.iter()).map(|list| list.count()).sum();
    for (run, listing) in listings.iter().enumerate() {
        let failed = |error| (run, error);
        runs.push(layout.zero().map_err(failed)?);
        for list in listing.lists.iter() {
            let cursor =
                list.cursor(listing.span.as_ref(), AT_HAND / lists).await.map_err(failed)?;
            open.push(Open {
                run,
                offset: listing.span.as_ref().map_or(0, |span| span.start),
                cursor,
            });
        }
    }
    let mut overlap = (listings.len() > 1)
        .then(|| OverlapCounts::zero(listings.len(), layout.columns as usize, layout.grid));
    // A single list has nothing to be compared with.
    let mut masks = Vec::new();
    let mut done = 0;
    while let Some(next) = nearest(&mut open).await? {
        let row = next / layout.columns;
        let (from, to) = if lists > 1 {
            (row * layout.columns, (row + layout.step).saturating_mul(layout.columns))
        } else {
            (0, u64::MAX)
        };
        let to = layout.elements.map_or(to, |elements| to.min(elements));
        if lists > 1 {
            masks.clear();
            masks.resize((to - from) as usize, 0u64);
        }
        for Open { run, offset, cursor } in &mut open {
            while cursor.next().await.map_err(|error| (*run, error))?.is_some() {
                let indices = cursor.take_below(to.saturating_add(*offset));
                if indices.is_empty() {
                    break;
                }
                let marks =
                    (lists > 1).then(|| Marks { masks: &mut masks, first: from, run: 1 << *run });
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
    Ok(Found { runs, overlap })
}

/// The smallest place in the matrix that any list goes on with.
async fn nearest(open: &mut [Open<'_>]) -> Result<Option<u64>, (usize, Error)> {
    let mut nearest: Option<u64> = None;
    for Open { run, offset, cursor } in open {
        if let Some(index) = cursor.next().await.map_err(|error| (*run, error))? {
            nearest = Some(nearest.map_or(index - *offset, |other| other.min(index - *offset)));
        }
    }
    Ok(nearest)
}

fn blank(listing: &Listing) -> TensorReport {
    TensorReport {
        dtype: listing.dtype.name().into(),
        dtype_tuned: listing.dtype.name().into(),
        parameters: listing.elements().unwrap_or(0),
        geometry_note: Some(NOTE.into()),
        ..unfilled(&listing.name, &listing.role, &listing.shape)
    }
}
