//! The bytes of a stored tensor with a delta of bytes in them, as a file of their own.
//!
//! A zstd stream has no places to enter it at. So the stream of a tensor is decoded once, and what
//! it changes is kept: of one tensor at a time, since one tensor at a time is analysed.

use crate::checkpoint::raw::RawTensor;
use crate::error::Error;
use crate::source::{ReadFuture, Source};
use ruzstd::decoding::StreamingDecoder;
use std::cell::RefCell;
use std::io::Read;
use std::ops::Range;
use std::rc::Rc;

/// Decoded bytes that are looked at at a time.
const WINDOW: usize = 1 << 16;
/// Places are 32 bits wide, in the layout and here.
const LARGEST: u64 = 1 << 32;

/// The content of the decoded stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// The bits of every byte that change: new ^ old.
    Xor,
    /// The number of changed bytes (u32), their places (u32 each, ascending), and their new values.
    Overwrite,
}

/// The bytes that change, by place.
pub struct Changes {
    places: Vec<u32>,
    /// The bits that change (new ^ old), or the new values.
    bytes: Vec<u8>,
}

/// The changes of the tensor that was decoded last, by name.
pub type Kept = Rc<RefCell<Option<(String, Rc<Changes>)>>>;

/// A stored tensor of the base with the changes of a compressed stream.
struct Changed {
    base: RawTensor,
    length: u64,
    stream: RawTensor,
    encoding: Encoding,
    kept: Kept,
}

/// Applies the changes in `stream`, a zstd frame of bytes, to `base`. `kept` is shared by the
/// tensors of one delta.
///
/// # Errors
/// A sentence where the stream is not a list of bytes, or the tensor is too large.
pub fn apply_changes(
    base: &RawTensor,
    stream: &RawTensor,
    encoding: Encoding,
    kept: &Kept,
) -> Result<RawTensor, String> {
    if stream.dtype != safetensors::Dtype::U8 || stream.shape.len() != 1 {
        return Err(format!(
            "its change is stored as {} of shape {:?} and not as a list of bytes",
            stream.dtype, stream.shape
        ));
    }
    let length = base.bytes();
    if length >= LARGEST {
        return Err(format!(
            "it has {length} bytes; deltas of bytes are read of tensors below 4 GiB"
        ));
    }
    let source = Changed {
        base: base.clone(),
        length,
        stream: stream.clone(),
        encoding,
        kept: kept.clone(),
    };
    Ok(RawTensor { source: Rc::new(source), start: 0, ..base.clone() })
}

impl Changed {
    async fn read_changes(&self) -> Result<Rc<Changes>, Error> {
        if let Some((_, changes)) =
            self.kept.borrow().as_ref().filter(|(name, _)| *name == self.stream.name)
        {
            return Ok(changes.clone());
        }
        // The last tensor's make room first.
        self.kept.take();
        let packed = self.stream.read(0..self.stream.elements()).await?;
        let found = decode_changes(&packed, self.encoding, self.length).map_err(|what| {
            Error::bad_file(self.stream.source.name(), format!("{}: {what}", self.stream.name))
        })?;
        let changes = Rc::new(found);
        *self.kept.borrow_mut() = Some((self.stream.name.clone(), changes.clone()));
        Ok(changes)
    }
}

impl Source for Changed {
    fn name(&self) -> &str {
        self.stream.source.name()
    }
    fn len(&self) -> u64 {
        self.length
    }
    fn read(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let changes = self.read_changes().await?;
            let mut out = self
                .base
                .source
                .read(self.base.start + range.start..self.base.start + range.end)
                .await?;
            let from = changes.places.partition_point(|p| u64::from(*p) < range.start);
            let to = changes.places.partition_point(|p| u64::from(*p) < range.end);
            for (place, byte) in changes.places[from..to].iter().zip(&changes.bytes[from..to]) {
                let old = &mut out[(u64::from(*place) - range.start) as usize];
                *old = if self.encoding == Encoding::Xor { *old ^ byte } else { *byte };
            }
            Ok(out)
        })
    }
}

/// Decodes the changes of a tensor of `length` bytes from a zstd frame.
///
/// # Errors
/// A sentence where the frame does not hold what the layout says.
fn decode_changes(packed: &[u8], encoding: Encoding, length: u64) -> Result<Changes, String> {
    let mut stream = StreamingDecoder::new(packed)
        .map_err(|e| format!("its change is not a zstd stream: {e}"))?;
    let changes = if encoding == Encoding::Xor {
        read_xor(&mut stream, length)?
    } else {
        read_overwrite(&mut stream, length)?
    };
    match stream.read(&mut [0]) {
        Ok(0) => Ok(changes),
        Ok(_) => Err(format!(
            "its change is longer than a tensor of {length} bytes allows: the delta was made from \
            another base"
        )),
        Err(e) => Err(describe_damage(&e)),
    }
}

fn describe_damage(error: &std::io::Error) -> String {
    format!("its zstd stream is damaged or too short: {error}")
}

fn read_xor(stream: &mut impl Read, length: u64) -> Result<Changes, String> {
    let mut changes = Changes { places: Vec::new(), bytes: Vec::new() };
    let mut window = [0; WINDOW];
    for start in (0..length).step_by(WINDOW) {
        let part = &mut window[..WINDOW.min((length - start) as usize)];
        stream.read_exact(part).map_err(|e| describe_damage(&e))?;
        for (place, byte) in (start as u32..).zip(part).filter(|(_, byte)| **byte != 0) {
            changes.places.push(place);
            changes.bytes.push(*byte);
        }
    }
    Ok(changes)
}

fn read_overwrite(stream: &mut impl Read, length: u64) -> Result<Changes, String> {
    let mut word = [0; 4];
    let mut next = |stream: &mut dyn Read| {
        stream
            .read_exact(&mut word)
            .map(|()| u32::from_le_bytes(word))
            .map_err(|e| describe_damage(&e))
    };
    let count = next(stream)?;
    if u64::from(count) > length {
        return Err(format!(
            "it changes {count} bytes of a tensor of {length}: the delta was made from another base"
        ));
    }
    let mut places: Vec<u32> = Vec::new();
    for _ in 0..count {
        let place = next(stream)?;
        if u64::from(place) >= length || places.last().is_some_and(|last| place <= *last) {
            return Err(format!(
                "the places of its changes must ascend and lie below {length}, but number {} is \
                {place}",
                places.len()
            ));
        }
        places.push(place);
    }
    let mut bytes = vec![0; count as usize];
    stream.read_exact(&mut bytes).map_err(|e| describe_damage(&e))?;
    Ok(Changes { places, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::raw_tensor;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    use safetensors::Dtype;

    fn packed(bytes: &[u8]) -> RawTensor {
        let frame = compress_to_vec(bytes, CompressionLevel::Fastest);
        raw_tensor("w", Dtype::U8, &[frame.len() as u64], frame)
    }

    fn overwriting(places: &[u32], values: &[u8]) -> RawTensor {
        let words = std::iter::once(places.len() as u32).chain(places.iter().copied());
        packed(&words.flat_map(u32::to_le_bytes).chain(values.iter().copied()).collect::<Vec<_>>())
    }

    /// Bytes 0, 1, 2, …, as that many halves.
    fn base(bytes: usize) -> RawTensor {
        raw_tensor(
            "base",
            Dtype::BF16,
            &[bytes as u64 / 2],
            (0..bytes).map(|i| i as u8).collect::<Vec<_>>(),
        )
    }

    fn read(
        base: &RawTensor,
        stream: &RawTensor,
        encoding: Encoding,
        range: Range<u64>,
    ) -> Result<Vec<u8>, Error> {
        let changed =
            apply_changes(base, stream, encoding, &Kept::default()).expect("a list of bytes");
        pollster::block_on(changed.source.read(range))
    }

    #[test]
    fn both_encodings_change_their_bytes_alone() {
        let xor = packed(&[0, 0xf0, 0, 0, 0, 0, 0, 0xff]);
        assert_eq!(
            read(&base(8), &xor, Encoding::Xor, 0..8),
            Ok(vec![0, 0xf1, 2, 3, 4, 5, 6, 0xf8])
        );
        assert_eq!(read(&base(8), &xor, Encoding::Xor, 1..3), Ok(vec![0xf1, 2]));
        let over = overwriting(&[1, 7], &[0xf0, 0xff]);
        assert_eq!(
            read(&base(8), &over, Encoding::Overwrite, 0..8),
            Ok(vec![0, 0xf0, 2, 3, 4, 5, 6, 0xff])
        );
        assert_eq!(read(&base(8), &over, Encoding::Overwrite, 2..7), Ok(vec![2, 3, 4, 5, 6]));
    }

    #[test]
    fn long_streams_are_decoded_window_by_window() {
        let length = 2 * WINDOW + 10;
        let mut mask = vec![0; length];
        [0, WINDOW - 1, WINDOW, 2 * WINDOW + 9].iter().for_each(|place| mask[*place] = 0x80);
        let base = base(length);
        let got = read(&base, &packed(&mask), Encoding::Xor, 0..length as u64).expect("in range");
        assert!(got.iter().enumerate().all(|(i, byte)| *byte == i as u8 ^ mask[i]));
    }

    #[test]
    fn the_changes_of_one_tensor_are_kept_at_a_time() {
        let kept = Kept::default();
        let named = |name: &str, mask: u8| RawTensor { name: name.into(), ..packed(&[mask, 0]) };
        let one = apply_changes(&base(2), &named("one", 4), Encoding::Xor, &kept)
            .expect("a list of bytes");
        let two = apply_changes(&base(2), &named("two", 8), Encoding::Xor, &kept)
            .expect("a list of bytes");
        for (tensor, want) in [(&one, 4), (&two, 8), (&two, 8), (&one, 4)] {
            assert_eq!(pollster::block_on(tensor.source.read(0..1)), Ok(vec![want]));
        }
        assert_eq!(kept.borrow().as_ref().map(|(name, _)| name.clone()), Some("one".into()));
    }

    #[test]
    fn streams_of_another_base_and_damaged_ones_are_named() {
        let error = |stream: &RawTensor, encoding| {
            read(&base(8), stream, encoding, 0..1).expect_err("it does not fit").to_string()
        };
        for (stream, encoding, words) in [
            (packed(&[0; 7]), Encoding::Xor, "too short"),
            (packed(&[0; 9]), Encoding::Xor, "another base"),
            (overwriting(&[3, 3], &[1, 1]), Encoding::Overwrite, "number 1 is 3"),
            (overwriting(&[8], &[1]), Encoding::Overwrite, "number 0 is 8"),
            (overwriting(&[1], &[]), Encoding::Overwrite, "too short"),
            (overwriting(&[1], &[1, 2]), Encoding::Overwrite, "longer"),
            (packed(&9u32.to_le_bytes()), Encoding::Overwrite, "9 bytes"),
            (
                raw_tensor("w", Dtype::U8, &[4], vec![1, 2, 3, 4]),
                Encoding::Xor,
                "not a zstd stream",
            ),
        ] {
            let error = error(&stream, encoding);
            assert!(
                error.contains("w.file: w: ") && error.contains(words),
                "{error} does not say «{words}»"
            );
        }
        let float = raw_tensor("w", Dtype::F32, &[1], vec![0; 4]);
        assert!(
            apply_changes(&base(8), &float, Encoding::Xor, &Kept::default())
                .is_err_and(|e| e.contains("F32"))
        );
        let huge = RawTensor { shape: vec![1 << 31], ..base(8) };
        assert!(
            apply_changes(&huge, &packed(&[0; 8]), Encoding::Xor, &Kept::default())
                .is_err_and(|e| e.contains("4 GiB"))
        );
    }
}
