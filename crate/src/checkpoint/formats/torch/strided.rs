//! A tensor whose elements do not lie in order in its storage: transposed, or a part of another.

use crate::error::Error;
use crate::source::{ReadFuture, Source};
use std::ops::Range;
use std::rc::Rc;

/// Bytes of the storage that are read at once.
const WINDOW: u64 = 1 << 20;
/// The largest gap between wanted bytes that is read with them.
const GAP: u64 = 1 << 14;
/// Pieces that are put in their places at once.
const PIECES: u64 = 1 << 20;

/// The elements of a tensor in row-major order, as a file of their own. It streams: a read takes
/// from the storage only the windows that hold wanted bytes.
pub struct Strided {
    source: Rc<dyn Source>,
    /// Offset of the first element in the storage's file.
    start: u64,
    /// Dimensions with their strides in bytes, the first outermost, without what is in `run`.
    dims: Vec<(u64, u64)>,
    /// Bytes of the longest pieces that lie in order.
    run: u64,
    bytes: u64,
}

impl Strided {
    /// The tensor of this shape and these strides, both in elements of `size` bytes, whose first
    /// element lies at `start`. The caller has checked that the last element is inside the file,
    /// and that there are no more elements than the storage has.
    pub fn new(
        source: Rc<dyn Source>,
        start: u64,
        (shape, strides): (&[u64], &[u64]),
        size: u64,
    ) -> Self {
        // The stride of a dimension of one means nothing, and may be any number.
        let mut dims: Vec<(u64, u64)> = shape
            .iter()
            .zip(strides)
            .filter(|(length, _)| **length != 1)
            .map(|(length, stride)| (*length, stride * size))
            .collect();
        let mut run = size;
        while let Some((length, _)) = dims.pop_if(|(_, stride)| *stride == run) {
            run *= length;
        }
        let bytes = dims.iter().map(|(length, _)| length).product::<u64>() * run;
        Self { source, start, dims, run, bytes }
    }

    /// True where all elements lie in order.
    pub fn is_contiguous(&self) -> bool {
        self.dims.is_empty()
    }

    /// Offset in the file of a piece.
    fn place(&self, piece: u64) -> u64 {
        let (mut rest, mut place) = (piece, self.start);
        for (length, stride) in self.dims.iter().rev() {
            place += rest % length * stride;
            rest /= length;
        }
        place
    }

    /// The bytes of `range`, which touches at most [`PIECES`] pieces.
    async fn gather(&self, range: Range<u64>) -> Result<Vec<u8>, Error> {
        let mut out = vec![0; (range.end - range.start) as usize];
        let pieces = range.start / self.run..range.end.div_ceil(self.run);
        // Offsets in the file and in the range, and lengths.
        let mut wanted: Vec<(u64, usize, u64)> = pieces
            .map(|piece| {
                let first = piece * self.run;
                let from = first.max(range.start);
                let to = (first + self.run).min(range.end);
                (self.place(piece) + (from - first), (from - range.start) as usize, to - from)
            })
            .collect();
        wanted.sort_unstable();
        let mut rest = &wanted[..];
        while let Some((start, _, length)) = rest.first().copied() {
            let mut end = start + length;
            let mut count = 1;
            for (next, _, length) in &rest[1..] {
                let grown = end.max(next + length);
                if *next > end + GAP || grown - start > WINDOW {
                    break;
                }
                end = grown;
                count += 1;
            }
            let window = self.source.read(start..end).await?;
            for (from, to, length) in &rest[..count] {
                let (from, length) = ((from - start) as usize, *length as usize);
                out[*to..to + length].copy_from_slice(&window[from..from + length]);
            }
            rest = &rest[count..];
        }
        Ok(out)
    }
}

impl Source for Strided {
    fn name(&self) -> &str {
        self.source.name()
    }

    fn len(&self) -> u64 {
        self.bytes
    }

    fn read(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            if range.start > range.end || range.end > self.bytes {
                return Err(Error::Read {
                    file: self.name().into(),
                    start: range.start,
                    end: range.end,
                    what: format!("the tensor has only {} bytes", self.bytes),
                });
            }
            let step = self.run.saturating_mul(PIECES - 1);
            let mut out = Vec::with_capacity((range.end - range.start) as usize);
            let mut from = range.start;
            while from < range.end {
                let to = from.saturating_add(step).min(range.end);
                out.extend(self.gather(from..to).await?);
                from = to;
            }
            Ok(out)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::bytes_file;

    #[test]
    fn every_range_of_every_layout_is_that_of_the_copied_tensor() {
        let storage: Vec<u8> = (0..120).collect();
        // Shape, strides, offset, size of an element: transposed, a middle part, permuted,
        // repeated, in order.
        let table: [(&[u64], &[u64], u64, u64); 7] = [
            (&[5, 4], &[1, 5], 0, 2),
            (&[3, 4], &[10, 1], 3, 2),
            (&[2, 3, 4], &[1, 2, 6], 1, 4),
            (&[4, 3], &[0, 1], 7, 4),
            (&[3, 1, 4], &[4, 99, 1], 0, 2),
            (&[4, 2, 3], &[20, 3, 1], 2, 1),
            (&[], &[], 5, 8),
        ];
        for (shape, strides, offset, size) in table {
            let mut want: Vec<u8> = Vec::new();
            for index in 0..shape.iter().product::<u64>() {
                let (mut rest, mut place) = (index, offset);
                for (length, stride) in shape.iter().zip(strides).rev() {
                    place += rest % length * stride;
                    rest /= length;
                }
                let from = (place * size) as usize;
                want.extend(&storage[from..from + size as usize]);
            }
            let source = bytes_file("a.pt", storage.clone());
            let tensor = Strided::new(source, offset * size, (shape, strides), size);
            assert_eq!(tensor.len(), want.len() as u64);
            for from in 0..=want.len() {
                for to in from..=want.len() {
                    let read = pollster::block_on(tensor.read(from as u64..to as u64));
                    assert_eq!(read.expect("inside"), want[from..to], "{shape:?} {from}..{to}");
                }
            }
            assert!(pollster::block_on(tensor.read(0..tensor.len() + 1)).is_err());
        }
    }
}
