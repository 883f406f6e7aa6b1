//! A sample of the entries of W0^(k) = U_k·diag(σ)·V_kᵀ, which brackets the threshold of the
//! principal mask (docs/numerics.md#8-masks).

use crate::element::rows::steps;
use crate::error::Error;
use crate::figures::masks::size::mask_size;
use crate::kernels::Backend;
use crate::linalg::random::Counter;

/// Entries drawn to bracket the threshold: their quantile is off by √(α(1−α)/2^16) ≤ 0.2 % of the
/// weights.
const SAMPLE: usize = 1 << 16;

/// Bytes of the longer factor read at a time.
const SAMPLE_CHUNK: usize = 4 << 20;

/// Standard deviations of that quantile in the bracket's half width.
const DEVIATIONS: f64 = 6.0;

/// Draws |W0^(r)| at random positions for each r of `ranks`. The longer factor is read in chunks of
/// rows: that of an embedding is larger than a wasm heap may grow.
pub(crate) async fn draw_samples<B: Backend>(
    device: &B,
    left: &B::Block,
    right: &B::Block,
    ranks: &[usize],
    seed: u32,
) -> Result<Vec<Vec<f32>>, Error> {
    let ((m, k), (n, _)) = (device.shape(left), device.shape(right));
    let random = Counter::new(seed ^ 0x6d61_736b, m, n);
    let place = |i: u64, length: usize| (random.uniform(i) * length as f64) as usize;
    // A matrix with no more entries than that is its own sample.
    let at = |i: usize| {
        if m * n <= SAMPLE {
            (i / n, i % n)
        } else {
            (place(2 * i as u64, m), place(2 * i as u64 + 1, n))
        }
    };
    // (row of the longer factor, row of the shorter one)
    let mut places: Vec<(usize, usize)> =
        (0..SAMPLE.min(m * n)).map(at).map(|(r, c)| if m >= n { (r, c) } else { (c, r) }).collect();
    places.sort_unstable();
    let (long, short) = if m >= n { (left, right) } else { (right, left) };
    let short = device.read(short).await?;
    let step = (SAMPLE_CHUNK / (4 * k)).max(1);
    let mut values = vec![Vec::with_capacity(places.len()); ranks.len()];
    for rows in steps(m.max(n), step) {
        let here = places.partition_point(|p| p.0 < rows.start)
            ..places.partition_point(|p| p.0 < rows.end);
        if here.is_empty() {
            continue;
        }
        let long = device.read_rows(long, rows.clone()).await?;
        for &(l, s) in &places[here] {
            let (l, s) = ((l - rows.start) * k, s * k);
            let (mut sum, mut taken) = (0.0, 0);
            for (rank, values) in ranks.iter().zip(&mut values) {
                sum += long[l + taken..l + rank]
                    .iter()
                    .zip(&short[s + taken..s + rank])
                    .map(|(a, b)| a * b)
                    .sum::<f32>();
                taken = *rank;
                values.push(sum.abs());
            }
        }
    }
    Ok(values)
}

/// Selects value number `place` of a sample, ascending; the sample's order changes.
fn select(sample: &mut [f32], place: usize) -> f32 {
    let place = place.min(sample.len() - 1);
    *sample.select_nth_unstable_by(place, f32::total_cmp).1
}

/// Selects the value at share `q` of a sample; the sample's order changes.
pub(crate) fn quantile(sample: &mut [f32], q: f64) -> f32 {
    select(sample, (q * sample.len() as f64) as usize)
}

/// Finds the values [from, to] between which the threshold of the top α lies.
pub(crate) fn bracket_threshold(sample: &mut [f32], alpha: f64) -> (f32, f32) {
    let n = sample.len() as f64;
    let (from, to) = if sample.len() < SAMPLE {
        // The sample is all entries: the pass sums them in another order, which differs by
        // rounding.
        let threshold =
            select(sample, sample.len() - mask_size(alpha, sample.len() as u64) as usize);
        (threshold, threshold)
    } else {
        let half = DEVIATIONS * (alpha * (1.0 - alpha) / n).sqrt() + 2.0 / n;
        (
            quantile(sample, (1.0 - alpha - half).max(0.0)),
            quantile(sample, (1.0 - alpha + half).min(1.0)),
        )
    };
    ((from * 0.9999).max(0.0), to * 1.0001 + f32::MIN_POSITIVE)
}
