//! Digests by which a file is known again without reading the whole of it.

use crate::error::Error;
use crate::source::Source;
use sha2::{Digest, Sha256};

/// Bytes at the beginning of a file of another format than safetensors that stand for its header.
const HEAD: u64 = 1 << 20;

/// The longest header that is read; one that claims more is none.
const MOST_HEADER: u64 = 100 << 20;

/// Number of places of a file whose bytes are sampled.
const SAMPLES: u64 = 64;

/// Number of bytes at each place.
const SAMPLE: u64 = 4096;

/// The digests of a file, SHA-256 in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigests {
    /// That of the header of a safetensors file, with its length; of another file, that of its
    /// first MiB.
    pub header: String,
    /// That of its length (u64, little-endian) and of up to 64 blocks of 4 KiB at equal distances,
    /// the first and the last one among them.
    pub sampled: String,
}

/// Writes a digest in hexadecimal digits.
fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest of bytes in memory, SHA-256 in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    to_hex(&Sha256::digest(bytes))
}

/// The number of bytes that stand for the header of a file.
async fn measure_header(file: &dyn Source) -> Result<u64, Error> {
    let all = file.len();
    if !file.name().to_lowercase().ends_with(".safetensors") || all < 8 {
        return Ok(all.min(HEAD));
    }
    let length = file.read(0..8).await?;
    let length = length.try_into().map_or(u64::MAX, u64::from_le_bytes);
    let told = length.checked_add(8).filter(|end| *end <= all.min(MOST_HEADER));
    Ok(told.unwrap_or(all.min(HEAD)))
}

/// The first bytes of the blocks that are sampled of a file of `length` bytes.
fn sample_places(length: u64) -> impl Iterator<Item = u64> {
    let last = length.saturating_sub(SAMPLE);
    let count = length.div_ceil(SAMPLE).min(SAMPLES);
    // In u128: products of two lengths have no room in u64.
    let place =
        move |i: u64| (u128::from(last) * u128::from(i) / u128::from(count.max(2) - 1)) as u64;
    (0..count).map(place)
}

/// Makes the digests of a file, of which at most its header and 256 KiB are read.
///
/// # Errors
/// [`Error::Read`] by the file's name.
pub async fn digest_file(file: &dyn Source) -> Result<FileDigests, Error> {
    let header = digest(&file.read(0..measure_header(file).await?).await?);
    let length = file.len();
    let mut sampled = Sha256::new_with_prefix(length.to_le_bytes());
    for place in sample_places(length) {
        sampled.update(file.read(place..length.min(place + SAMPLE)).await?);
    }
    Ok(FileDigests { header, sampled: to_hex(&sampled.finalize()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemorySource;
    use pollster::block_on;

    fn digests(name: &str, bytes: &[u8]) -> FileDigests {
        block_on(digest_file(&MemorySource::new(name, bytes.to_vec()))).expect("digests")
    }

    #[test]
    fn samples_cover_small_files_and_reach_both_ends_of_large_ones() {
        for length in [0, 1, SAMPLE, SAMPLE + 1, 5 * SAMPLE, 64 * SAMPLE, 1 << 40, u64::MAX] {
            let places: Vec<u64> = sample_places(length).collect();
            assert_eq!(places.len() as u64, length.div_ceil(SAMPLE).min(SAMPLES), "{length}");
            assert!(places.is_sorted(), "{length}");
            if let (Some(first), Some(last)) = (places.first(), places.last()) {
                assert_eq!((*first, *last), (0, length.saturating_sub(SAMPLE)), "{length}");
            }
            let covered = places.windows(2).all(|pair| pair[1] - pair[0] <= SAMPLE);
            assert_eq!(covered, length <= SAMPLES * SAMPLE, "{length}");
        }
    }

    #[test]
    fn files_are_known_by_header_length_and_bytes() {
        let file = |header: &str, data: &[u8]| {
            let length = (header.len() as u64).to_le_bytes();
            [&length[..], header.as_bytes(), data].concat()
        };
        let first = digests("a.safetensors", &file("{}", &[1; 9000]));
        let other_header = digests("a.safetensors", &file("[]", &[1; 9000]));
        let other_end =
            digests("a.safetensors", &file("{}", &[[1; 8999].as_slice(), &[2]].concat()));
        assert_eq!(first, digests("b.SAFETENSORS", &file("{}", &[1; 9000])));
        assert_ne!(first.header, other_header.header);
        assert_eq!(first.header, other_end.header);
        assert_ne!(first.sampled, other_end.sampled);
        assert_eq!(first.header, digest(&file("{}", &[])));
    }

    #[test]
    fn headers_that_lie_stop_nothing() {
        for length in [0, 5, u64::MAX, u64::MAX - 7, 1 << 40] {
            digests("a.safetensors", &[&length.to_le_bytes()[..], b"{}"].concat());
        }
        for bytes in [&b""[..], b"1234567"] {
            digests("a.safetensors", bytes);
            digests("a.bin", bytes);
        }
    }
}
