//! The indices of the weights that a delta lists: flat, ascending.

use crate::checkpoint::raw::RawTensor;
use crate::error::Error;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

/// Indices between two that are kept in memory.
pub const BLOCK: u64 = 1 << 14;

/// Indices that are read at a time.
const PIECE: u64 = 1 << 18;

/// Every negative index, read as unsigned, is this or more.
const NEGATIVE: u64 = 1 << 63;

/// Flat indices, ascending, of which only every [`BLOCK`]th is kept in memory, so that those of a
/// range are found and read alone.
pub struct Indices {
    list: RawTensor,
    /// Elements of the tensor that they point into, where they are known.
    elements: Option<u64>,
    firsts: RefCell<Option<Rc<[u64]>>>,
}

impl Indices {
    /// Takes a `list` of indices (I32 or I64) with its `values`, into a tensor of `elements`
    /// weights.
    ///
    /// # Errors
    /// A sentence where indices and values differ in length, or the indices have another dtype.
    pub fn new(
        list: &RawTensor,
        values: &RawTensor,
        elements: Option<u64>,
    ) -> Result<Self, String> {
        if !matches!(list.dtype, safetensors::Dtype::I32 | safetensors::Dtype::I64) {
            return Err(format!(
                "its indices {} are stored as {} (I32 and I64 are read)",
                list.name, list.dtype
            ));
        }
        if list.shape.len() != 1 || list.shape != values.shape {
            return Err(format!(
                "its indices {} of shape {:?} and values {} of shape {:?} are not two \
                lists of one length",
                list.name, list.shape, values.name, values.shape
            ));
        }
        Ok(Self { list: list.clone(), elements, firsts: RefCell::default() })
    }

    /// Number of indices.
    pub fn count(&self) -> u64 {
        self.list.elements()
    }

    /// Number of bytes of the list in its file.
    pub fn bytes(&self) -> u64 {
        self.list.bytes()
    }

    /// Reads the indices at `places`.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    pub async fn read(&self, places: Range<u64>) -> Result<Vec<u64>, Error> {
        let bytes = self.list.read(places).await?;
        Ok(match self.list.dtype {
            safetensors::Dtype::I32 => bytes
                .as_chunks::<4>()
                .0
                .iter()
                .map(|b| i64::from(i32::from_le_bytes(*b)) as u64)
                .collect(),
            _ => bytes.as_chunks::<8>().0.iter().map(|b| i64::from_le_bytes(*b) as u64).collect(),
        })
    }

    /// Reads and checks the indices at `places`, which follow the index `last`.
    ///
    /// # Errors
    /// [`Error::BadFile`] where they don't ascend or lie outside the tensor; else as
    /// [`Indices::read`].
    async fn read_checked(
        &self,
        places: Range<u64>,
        mut last: Option<u64>,
    ) -> Result<Vec<u64>, Error> {
        let limit = self.elements.unwrap_or(NEGATIVE);
        let found = self.read(places.clone()).await?;
        for (place, &index) in places.zip(&found) {
            if last.is_some_and(|before| index <= before) || index >= limit {
                let bounds =
                    self.elements.map_or("must ascend and not be negative".into(), |elements| {
                        format!("must ascend and lie below {elements}")
                    });
                let what =
                    format!("{} {bounds}, but number {place} is {}", self.list.name, index as i64);
                return Err(Error::BadFile { file: self.list.source.name().into(), what });
            }
            last = Some(index);
        }
        Ok(found)
    }

    /// Reads and checks all indices once, and keeps every [`BLOCK`]th.
    async fn read_firsts(&self) -> Result<Rc<[u64]>, Error> {
        if let Some(known) = self.firsts.borrow().as_ref() {
            return Ok(known.clone());
        }
        let (count, mut firsts, mut last) = (self.count(), Vec::new(), None);
        for start in (0..count).step_by(PIECE as usize) {
            let piece = self.read_checked(start..count.min(start + PIECE), last).await?;
            // A piece begins with a block.
            firsts.extend(piece.iter().step_by(BLOCK as usize));
            last = piece.last().copied();
        }
        let firsts: Rc<[u64]> = firsts.into();
        *self.firsts.borrow_mut() = Some(firsts.clone());
        Ok(firsts)
    }

    /// Finds the places of all indices in `range`, and perhaps of some around it.
    ///
    /// # Errors
    /// [`Error::BadFile`] where any of all indices don't ascend or lie outside the tensor.
    pub async fn find_places(&self, range: &Range<u64>) -> Result<Range<u64>, Error> {
        let firsts = self.read_firsts().await?;
        let from = firsts.partition_point(|first| *first <= range.start).saturating_sub(1) as u64;
        let to = firsts.partition_point(|first| *first < range.end) as u64;
        Ok(from * BLOCK..(to * BLOCK).min(self.count()))
    }

    /// Opens a reader of the indices in `range`, or of all, that holds at most `piece` of them at a
    /// time.
    ///
    /// # Errors
    /// With a range, those of [`Indices::find_places`].
    pub async fn open_cursor(
        &self,
        range: Option<&Range<u64>>,
        piece: u64,
    ) -> Result<Cursor<'_>, Error> {
        let places = match range {
            Some(range) => self.find_places(range).await?,
            None => 0..self.count(),
        };
        let range = range.cloned().unwrap_or(0..u64::MAX);
        Ok(Cursor {
            indices: self,
            places,
            range,
            piece: piece.clamp(1, PIECE),
            last: None,
            held: Vec::new(),
            at: 0,
        })
    }
}

/// Reads a list of indices from front to back and checks it on the way.
pub struct Cursor<'a> {
    indices: &'a Indices,
    /// Not yet read.
    places: Range<u64>,
    range: Range<u64>,
    piece: u64,
    last: Option<u64>,
    held: Vec<u64>,
    at: usize,
}

impl Cursor<'_> {
    /// The next index; `None` after the last one.
    ///
    /// # Errors Those of [`Indices::read`], and [`Error::BadFile`] where indices don't ascend or
    /// lie outside the tensor.
    pub async fn next(&mut self) -> Result<Option<u64>, Error> {
        while self.at == self.held.len() && !self.places.is_empty() {
            let piece = self.places.start..self.places.end.min(self.places.start + self.piece);
            self.held = self.indices.read_checked(piece.clone(), self.last).await?;
            self.places.start = piece.end;
            self.last = self.held.last().copied();
            self.at = self.held.partition_point(|index| *index < self.range.start);
        }
        Ok(self.held.get(self.at).copied().filter(|index| *index < self.range.end))
    }

    /// Takes the indices at hand that lie below `end`: after [`Cursor::next`], at least the next
    /// one where that does.
    pub fn take_below(&mut self, end: u64) -> &[u64] {
        let held = &self.held[self.at..];
        let count = held.partition_point(|index| *index < end.min(self.range.end));
        self.at += count;
        &held[..count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::raw_tensor;
    use pollster::block_on;
    use safetensors::Dtype as Name;

    fn list(values: &[i64], elements: Option<u64>) -> Indices {
        let count = values.len() as u64;
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let indices = raw_tensor("w.indices", Name::I64, &[count], bytes);
        let values = raw_tensor("w.values", Name::BF16, &[count], vec![0; 2 * values.len()]);
        Indices::new(&indices, &values, elements).expect("two lists")
    }

    /// All that a cursor gives, taken in tiles of `tile`.
    fn taken(
        indices: &Indices,
        range: Option<&Range<u64>>,
        piece: u64,
        tile: u64,
    ) -> Result<Vec<u64>, Error> {
        block_on(async {
            let mut cursor = indices.open_cursor(range, piece).await?;
            let mut out = Vec::new();
            while let Some(next) = cursor.next().await? {
                out.extend(cursor.take_below((next / tile + 1) * tile));
            }
            Ok(out)
        })
    }

    #[test]
    fn a_cursor_gives_every_index_of_its_range_once() {
        let count = 2 * BLOCK as i64 + 3;
        let all: Vec<i64> = (0..count).map(|i| 3 * i + i % 2).collect();
        let indices = list(&all, Some(3 * count as u64 + 1));
        let want: Vec<u64> = all.iter().map(|i| *i as u64).collect();
        for (piece, tile) in [(1 << 20, 1 << 40), (1000, 77), (7, 1 << 40), (1 << 20, 5)] {
            assert!(
                taken(&indices, None, piece, tile).expect("good indices") == want,
                "{piece} {tile}"
            );
            for range in [
                0..1,
                5..5,
                3..9,
                3 * BLOCK - 4..3 * BLOCK + 4,
                100..6 * BLOCK,
                6 * BLOCK..6 * BLOCK + 99,
            ] {
                let inside: Vec<u64> = want.iter().copied().filter(|i| range.contains(i)).collect();
                assert!(
                    taken(&indices, Some(&range), piece, tile).expect("good indices") == inside,
                    "{range:?} {piece} {tile}"
                );
            }
        }
        assert_eq!(taken(&list(&[], Some(4)), None, 9, 9), Ok(vec![]));
    }

    #[test]
    fn bad_indices_are_named_also_between_two_pieces_and_without_bounds() {
        let far = i64::MAX - 1;
        assert_eq!(taken(&list(&[0, far], None), None, 1, 1 << 40), Ok(vec![0, far as u64]));
        for (values, elements, what) in [
            (&[1, 2, 2][..], None, "number 2 is 2"),
            (&[1, 0], None, "must ascend and not be negative, but number 1 is 0"),
            (&[-3, 5], None, "number 0 is -3"),
            (&[1, 8], Some(8), "must ascend and lie below 8, but number 1 is 8"),
        ] {
            for piece in [1, 64] {
                let error = taken(&list(values, elements), None, piece, 1 << 40)
                    .expect_err("bad indices")
                    .to_string();
                assert!(error.contains("w.indices.file") && error.contains(what), "{error}");
            }
        }
    }
}
