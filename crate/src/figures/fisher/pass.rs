//! One pass over base, tuned and Fisher of a tensor, tile by tile.

use crate::checkpoint::pairing::{Pair, Side};
use crate::element::decode::Decoder;
use crate::error::Error;
use crate::figures::fisher::compute::compute_fisher;
use crate::figures::fisher::report::Fisher;
use crate::figures::fisher::sums::{FisherSums, FisherWork};
use crate::host::Host;
use crate::settings::Settings;

/// Bytes of base, tuned and Fisher together that are in memory at a time.
const TILE: u64 = 8 << 20;

/// The outcome of the pass over a tensor's Fisher.
pub enum FisherOutcome {
    /// The tensor has no Fisher.
    NotGiven,
    /// The Fisher has entries that no Fisher can have: a sentence for the user says which.
    Unusable(String),
    /// The figures.
    Found(Fisher),
}

/// Weighs the update of a tensor by the diagonal Fisher of its base.
///
/// The pass is a stream of sums in f64, bound by reading, so it runs on the CPU whatever the
/// backend.
///
/// # Errors
/// [`Error::Read`] by the file's name.
pub async fn weigh_by_fisher(
    pair: &Pair,
    settings: &Settings,
    host: &Host<'_>,
) -> Result<FisherOutcome, Error> {
    let Some(weights) = &pair.fisher else {
        return Ok(FisherOutcome::NotGiven);
    };
    let (rows, cols) = (pair.rows(), pair.cols());
    let row_bytes = cols * (2 * pair.dtype.size() + weights.dtype().size()) as u64;
    let step = (TILE / row_bytes.max(1)).max(1);
    let (mut sums, mut work) = (FisherSums::default(), FisherWork::default());
    let mut start = 0;
    while start < rows {
        (host.progress)("fisher", start as f64 / rows as f64);
        let range = start..rows.min(start + step);
        let base = pair.decode_rows(Side::Base, range.clone()).await?;
        let tuned = pair.decode_rows(Side::Tuned, range.clone()).await?;
        let fisher = Decoder::new(weights.dtype(), pair.read_of(weights, range.clone()).await?);
        sums.add(
            [&base, &tuned, &fisher],
            ((range.end - range.start) as usize, cols as usize),
            settings.eta as f32,
            &mut work,
        );
        start = range.end;
    }
    Ok(match sums.unusable {
        0 => FisherOutcome::Found(compute_fisher(&sums, pair.elements())),
        bad => FisherOutcome::Unusable(format!(
            "{bad} entries of its Fisher are NaN, infinite or negative"
        )),
    })
}
