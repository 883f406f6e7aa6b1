//! Which elements of a tensor a rank holds, by the placements of a DTensor.
//!
//! After torch/distributed/tensor/placement_types.py: `Shard` splits as `torch.chunk` does, and the
//! dimensions of the mesh split one after another what those before them have left.

use std::ops::Range;

/// What one dimension of the mesh does to a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    /// Every rank holds the same.
    Replicate,
    /// Ranks hold chunks along a dimension of the tensor.
    Shard {
        /// The dimension.
        dim: usize,
    },
    /// The dimension is cut first into `factor` stretches, and each of them into chunks; a rank
    /// holds its chunk of all stretches (FSDP beside tensor parallelism).
    Strided {
        /// The dimension.
        dim: usize,
        /// Number of stretches.
        factor: u64,
    },
}

/// A dimension of the mesh: its number of ranks, and the place of the rank along it.
pub(crate) type MeshDimension = (u64, u64);

/// A box of the whole tensor, with the first row of it in the rank's own tensor.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// First element along each dimension of the whole.
    pub offsets: Vec<u64>,
    /// The shape.
    pub lengths: Vec<u64>,
    /// First element along dimension 0 of the rank's own tensor.
    pub row: u64,
}

/// The most stretches of a dimension: more are no mesh.
const MOST_STRETCHES: u64 = 1 << 16;

/// Finds the pieces of a tensor of `shape` that a rank holds, in the order in which its own tensor
/// holds them. Returns the shape of its own tensor, too.
///
/// # Errors
/// A sentence where the placements do not fit tensor and mesh, or are not read.
pub(crate) fn find_pieces(
    shape: &[u64],
    mesh: &[MeshDimension],
    placements: &[Placement],
) -> Result<(Vec<u64>, Vec<Piece>), String> {
    if mesh.len() != placements.len() || mesh.iter().any(|(ranks, place)| place >= ranks) {
        return Err(format!("its placements {placements:?} do not fit its device mesh {mesh:?}"));
    }
    let mut held: Vec<Vec<Range<u64>>> =
        shape.iter().map(|length| std::iter::once(0..*length).collect()).collect();
    for ((ranks, place), placement) in mesh.iter().zip(placements) {
        let (dim, factor) = match *placement {
            Placement::Replicate => continue,
            Placement::Shard { dim } => (dim, 1),
            Placement::Strided { dim, factor } => (dim, factor),
        };
        if factor == 0 || factor > MOST_STRETCHES {
            return Err(format!("its placement {placement:?} is not one of a device mesh"));
        }
        let along = held
            .get_mut(dim)
            .ok_or_else(|| format!("its placement {placement:?} does not fit {shape:?}"))?;
        let stretches = (0..factor).map(|stretch| chunk(along, factor, stretch));
        *along = join_neighbours(stretches.flat_map(|stretch| chunk(&stretch, *ranks, *place)));
    }
    let lengths: Vec<u64> = held.iter().map(|ranges| count(ranges)).collect();
    if lengths.contains(&0) {
        return Ok((lengths, Vec::new()));
    }
    if let Some(dim) = (1..shape.len()).find(|dim| held[*dim].len() > 1) {
        return Err(format!("it is split in strides along dimension {dim}, which is not read"));
    }
    let (mut pieces, mut row) = (Vec::new(), 0);
    let rows = held.first().cloned().unwrap_or_default();
    for range in &rows {
        let mut piece = Piece {
            offsets: held.iter().map(|ranges| ranges[0].start).collect(),
            lengths: lengths.clone(),
            row,
        };
        (piece.offsets[0], piece.lengths[0]) = (range.start, range.end - range.start);
        row += piece.lengths[0];
        pieces.push(piece);
    }
    if shape.is_empty() {
        pieces.push(Piece { offsets: Vec::new(), lengths: Vec::new(), row });
    }
    Ok((lengths, pieces))
}

/// Number of elements in ranges that do not overlap.
fn count(ranges: &[Range<u64>]) -> u64 {
    ranges.iter().map(|range| range.end - range.start).sum()
}

/// The elements of chunk `place` of `chunks`, as `torch.chunk` cuts: all chunks but the last are of
/// the same length, and the last may be shorter or empty.
fn chunk(ranges: &[Range<u64>], chunks: u64, place: u64) -> Vec<Range<u64>> {
    let total = count(ranges);
    let length = total.div_ceil(chunks);
    let start = place.saturating_mul(length).min(total);
    let end = start.saturating_add(length).min(total);
    let (mut before, mut out) = (0, Vec::new());
    for range in ranges {
        let here = range.end - range.start;
        let from = start.max(before) - before;
        let to = end.min(before + here).saturating_sub(before);
        if from < to {
            out.push(range.start + from..range.start + to);
        }
        before += here;
    }
    out
}

/// Joins ranges that follow each other without a gap.
fn join_neighbours(ranges: impl Iterator<Item = Range<u64>>) -> Vec<Range<u64>> {
    let mut out: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => out.push(range),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Placement::{Replicate, Shard, Strided};
    use super::*;

    /// The rows of a tensor of one dimension that each rank of a mesh holds.
    fn rows(length: u64, mesh: &[u64], placements: &[Placement]) -> Vec<Vec<u64>> {
        (0..mesh.iter().product())
            .map(|rank: u64| {
                let mut rest = rank;
                let mut mesh: Vec<MeshDimension> = mesh
                    .iter()
                    .rev()
                    .map(|size| {
                        let place = rest % size;
                        rest /= size;
                        (*size, place)
                    })
                    .collect();
                mesh.reverse();
                let (_, pieces) = find_pieces(&[length], &mesh, placements).expect("a good mesh");
                pieces.iter().flat_map(|p| p.offsets[0]..p.offsets[0] + p.lengths[0]).collect()
            })
            .collect()
    }

    #[test]
    fn splits_as_torch_does() {
        let by_rank = |text: &str| -> Vec<Vec<u64>> {
            text.split('|')
                .map(|rank| rank.split_whitespace().map(|n| n.parse().expect("a row")).collect())
                .collect()
        };
        let shard = Shard { dim: 0 };
        let cases: [(u64, &[u64], &[Placement], &str); 8] = [
            (7, &[3], &[shard], "0 1 2|3 4 5|6"),
            (5, &[4], &[shard], "0 1|2 3|4|"),
            (1, &[3], &[shard], "0||"),
            (3, &[2, 2], &[Replicate, shard], "0 1|2|0 1|2"),
            (5, &[2, 2], &[shard, shard], "0 1|2|3|4"),
            // The example of torch's _StridedShard.
            (8, &[2, 2], &[Strided { dim: 0, factor: 2 }, shard], "0 1|4 5|2 3|6 7"),
            (7, &[2, 2], &[Strided { dim: 0, factor: 2 }, shard], "0 1|4 5|2 3|6"),
            (8, &[2], &[Strided { dim: 0, factor: 2 }], "0 1 4 5|2 3 6 7"),
        ];
        for (length, mesh, placements, expected) in cases {
            assert_eq!(
                rows(length, mesh, placements),
                by_rank(expected),
                "{length} {placements:?}"
            );
        }
    }

    #[test]
    fn tells_where_a_stretch_lies_in_the_rank_s_own_tensor() {
        let placements = [Strided { dim: 0, factor: 2 }, Shard { dim: 1 }];
        let (shape, pieces) = find_pieces(&[8, 3], &[(2, 1), (2, 1)], &placements).expect("good");
        assert_eq!(shape, [4, 1]);
        let piece =
            |offsets: [u64; 2], row| Piece { offsets: offsets.to_vec(), lengths: vec![2, 1], row };
        assert_eq!(pieces, [piece([2, 2], 0), piece([6, 2], 2)]);
    }

    #[test]
    fn refuses_what_is_no_mesh() {
        let refused: [(&[u64], &[MeshDimension], &[Placement]); 6] = [
            (&[4], &[(2, 0)], &[]),
            (&[4], &[(2, 2)], &[Replicate]),
            (&[4], &[(0, 0)], &[Replicate]),
            (&[4], &[(2, 0)], &[Shard { dim: 1 }]),
            (&[4], &[(2, 0)], &[Strided { dim: 0, factor: u64::MAX }]),
            (&[4, 4], &[(2, 0)], &[Strided { dim: 1, factor: 2 }]),
        ];
        for (shape, mesh, placements) in refused {
            assert!(find_pieces(shape, mesh, placements).is_err(), "{mesh:?} {placements:?}");
        }
    }
}
