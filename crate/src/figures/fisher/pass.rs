//! A tensor's figures under the diagonal Fisher of its base: one pass over base, tuned and Fisher,
//! tile by tile.

use crate::checkpoint::pairing::{Pair, Side};
use crate::element::decode::Decoder;
use crate::error::Error;
use crate::figures::fisher::compute;
use crate::figures::fisher::report::Fisher;
use crate::figures::fisher::sums::{FisherSums, FisherWork};
use crate::host::Host;
use crate::settings::Settings;

/// Bytes of base, tuned and Fisher together that are in memory at a time.
const TILE: u64 = 8 << 20;

/// The figures, or a sentence that says why this tensor has none; `None` where its Fisher is not
/// there.
///
/// The pass is a stream of sums in f64, bound by reading, so it runs on the CPU whatever the
/// backend.
pub async fn fisher(
    pair: &Pair,
    settings: &Settings,
    host: &Host<'_>,
) -> Result<Option<Result<Fisher, String>>, Error> {
    let Some(weights) = &pair.fisher else {
        return Ok(None);
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
    Ok(Some(match sums.unusable {
        0 => Ok(compute::fisher(&sums, pair.elements())),
        bad => Err(format!("{bad} entries of its Fisher are NaN, infinite or negative")),
    }))
}
