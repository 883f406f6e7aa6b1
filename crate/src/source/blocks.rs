//! A tensor whose blocks lie in several files, as ranks of a distributed job write it, read as if
//! it lay in one.

use crate::error::Error;
use crate::source::{ReadFuture, Source, inside};
use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;

/// A block of a tensor: a box of its elements, row-major and without gaps in a file of its own.
#[derive(Clone)]
pub struct Block {
    /// The file.
    pub source: Rc<dyn Source>,
    /// Offset of its first byte in the file.
    pub start: u64,
    /// Its place in the tensor: first element along each dimension.
    pub offsets: Vec<u64>,
    /// Its shape.
    pub lengths: Vec<u64>,
}

/// A row-major tensor made of [`Block`]s, as a file that holds nothing else.
///
/// A read of a range reads one range of each block that it meets, and no byte that it does not
/// need: the elements of a block come in the same order as in the tensor.
pub struct BlockSource {
    name: String,
    length: u64,
    parts: Vec<Part>,
}

/// A block cut into runs: stretches of bytes that lie together in the tensor as in the block.
struct Part {
    source: Rc<dyn Source>,
    start: u64,
    /// Bytes from the tensor's start to the block's first.
    offset: u64,
    /// Bytes of a run.
    run: u64,
    /// Number of runs.
    runs: u64,
    /// Dimensions that number the runs, the last first: the block's length, and the bytes from one
    /// place to the next in the tensor.
    steps: Vec<(u64, u64)>,
}

/// More blocks than any job has ranks: what names more is no tensor's description.
const MOST_BLOCKS: usize = 1 << 16;

impl BlockSource {
    /// Joins the blocks of a tensor of `shape` with elements of `size` bytes. A block that comes
    /// again at the same place is a replica, and the first is read.
    ///
    /// # Errors
    /// [`Error::BadFile`] where blocks leave the tensor or their file, overlap, or do not cover the
    /// tensor.
    pub fn new(name: &str, shape: &[u64], size: u64, blocks: Vec<Block>) -> Result<Self, Error> {
        let refuse = |what: String| Error::bad_file(name, what);
        let length = count(shape)
            .and_then(|n| n.checked_mul(size))
            .ok_or_else(|| refuse(format!("its shape {shape:?} has too many elements")))?;
        let mut places = HashSet::new();
        let mut distinct: Vec<Block> = Vec::new();
        let mut held = 0u64;
        for block in blocks {
            let (offsets, lengths) = (&block.offsets, &block.lengths);
            let fits = offsets.len() == shape.len()
                && lengths.len() == shape.len()
                && offsets.iter().zip(lengths).zip(shape).all(|((offset, length), whole)| {
                    offset.checked_add(*length).is_some_and(|end| end <= *whole)
                });
            if !fits {
                return Err(refuse(format!(
                    "{}: the part {lengths:?} at {offsets:?} is not inside the whole {shape:?}",
                    block.source.name()
                )));
            }
            // Inside a shape whose bytes are counted, products cannot overflow.
            let bytes = lengths.iter().product::<u64>() * size;
            if block.start.checked_add(bytes).is_none_or(|end| end > block.source.len()) {
                return Err(refuse(format!(
                    "{}: the part {lengths:?} at {offsets:?} is not in the file as a whole",
                    block.source.name()
                )));
            }
            if bytes > 0 && places.insert((offsets.clone(), lengths.clone())) {
                held = held.saturating_add(bytes);
                distinct.push(block);
            }
            if distinct.len() > MOST_BLOCKS {
                return Err(refuse(format!("it has more than {MOST_BLOCKS} parts")));
            }
        }
        if let Some((a, b)) = find_overlap(shape, &mut distinct) {
            return Err(refuse(format!(
                "the parts in {} and {} overlap: {:?} at {:?}, and {:?} at {:?}",
                a.source.name(),
                b.source.name(),
                a.lengths,
                a.offsets,
                b.lengths,
                b.offsets
            )));
        }
        // Blocks that do not overlap cover the tensor where they have as many bytes.
        if held != length {
            return Err(refuse(format!(
                "its parts hold {} of {} elements: a rank's file is missing",
                held / size.max(1),
                length / size.max(1)
            )));
        }
        let mut parts: Vec<Part> =
            distinct.into_iter().map(|block| Part::new(block, shape, size)).collect();
        parts.sort_by_key(|part| part.offset);
        Ok(Self { name: name.into(), length, parts })
    }
}

/// Number of elements of a shape; `None` where it overflows. A length of 0 must not hide others
/// that do.
fn count(shape: &[u64]) -> Option<u64> {
    let all = shape.iter().try_fold(1u64, |product, n| product.checked_mul((*n).max(1)))?;
    Some(if shape.contains(&0) { 0 } else { all })
}

/// Finds two blocks that have elements in common. Sorts the blocks along the dimension that splits
/// them most: only those that meet along it are compared.
fn find_overlap<'a>(shape: &[u64], blocks: &'a mut [Block]) -> Option<(&'a Block, &'a Block)> {
    let splits =
        |d: &usize| blocks.iter().map(|block| block.offsets[*d]).collect::<HashSet<_>>().len();
    let Some(along) = (0..shape.len()).max_by_key(splits) else {
        return (blocks.len() > 1).then(|| (&blocks[0], &blocks[1]));
    };
    blocks.sort_by_key(|block| block.offsets[along]);
    let meet = |a: &Block, b: &Block, d: usize| {
        a.offsets[d] < b.offsets[d] + b.lengths[d] && b.offsets[d] < a.offsets[d] + a.lengths[d]
    };
    let mut open: Vec<&Block> = Vec::new();
    for block in &*blocks {
        open.retain(|other| meet(other, block, along));
        if let Some(other) =
            open.iter().find(|other| (0..shape.len()).all(|d| meet(other, block, d)))
        {
            return Some((other, block));
        }
        open.push(block);
    }
    None
}

impl Part {
    /// Cuts a block that lies inside `shape` into runs.
    fn new(block: Block, shape: &[u64], size: u64) -> Self {
        let (mut stride, mut run, mut offset, mut runs) = (size, size, 0, 1);
        let mut steps: Vec<(u64, u64)> = Vec::new();
        for d in (0..shape.len()).rev() {
            offset += block.offsets[d] * stride;
            let whole = steps.is_empty() && run == stride;
            if whole {
                run *= block.lengths[d];
            } else {
                steps.push((block.lengths[d], stride));
                runs *= block.lengths[d];
            }
            stride *= shape[d];
        }
        Self { source: block.source, start: block.start, offset, run, runs, steps }
    }

    /// The tensor's byte at which a run starts.
    fn place(&self, mut run: u64) -> u64 {
        let mut place = self.offset;
        for (length, stride) in &self.steps {
            place += run % length * stride;
            run /= length;
        }
        place
    }

    /// Number of runs that start before a byte of the tensor.
    fn runs_before(&self, byte: u64) -> u64 {
        let (mut low, mut high) = (0, self.runs);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.place(middle) < byte { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Reads what `range` of the tensor holds of the block into `bytes`.
    async fn fill(&self, range: &Range<u64>, bytes: &mut [u8]) -> Result<(), Error> {
        let end = self.runs_before(range.end);
        let mut first = self.runs_before(range.start);
        // The run before may reach into the range.
        if first > 0 && self.place(first - 1) + self.run > range.start {
            first -= 1;
        }
        if first >= end {
            return Ok(());
        }
        let skipped = range.start.saturating_sub(self.place(first));
        let last = self.run.min(range.end - self.place(end - 1));
        let start = first * self.run + skipped;
        let mut read = &*self
            .source
            .read(self.start + start..self.start + (end - 1) * self.run + last)
            .await?;
        for run in first..end {
            let place = self.place(run);
            let from = place.max(range.start);
            let to = (place + self.run).min(range.end);
            let (now, later) = read.split_at((to - from) as usize);
            bytes[(from - range.start) as usize..(to - range.start) as usize].copy_from_slice(now);
            read = later;
        }
        Ok(())
    }
}

impl Source for BlockSource {
    fn name(&self) -> &str {
        &self.name
    }
    fn len(&self) -> u64 {
        self.length
    }
    fn read(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            inside(self, &range)?;
            let mut bytes = vec![0; (range.end - range.start) as usize];
            let before = self.parts.partition_point(|part| part.offset < range.end);
            for part in &self.parts[..before] {
                part.fill(&range, &mut bytes).await?;
            }
            Ok(bytes)
        })
    }
}

#[cfg(test)]
mod tests;
