use super::*;
use crate::source::MemorySource;
use crate::source::testing::WatchedSource;
use std::cell::Cell;

/// Numbers that repeat from run to run (xorshift).
struct Numbers(u64);

impl Numbers {
    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// The bytes of a box of a tensor, row-major.
fn slice(whole: &[u8], shape: &[u64], size: u64, offsets: &[u64], lengths: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for mut element in 0..lengths.iter().product::<u64>() {
        let (mut place, mut stride) = (0, size);
        for d in (0..shape.len()).rev() {
            place += (offsets[d] + element % lengths[d]) * stride;
            element /= lengths[d];
            stride *= shape[d];
        }
        bytes.extend(&whole[place as usize..(place + size) as usize]);
    }
    bytes
}

/// Cuts a tensor at random places along every dimension; some blocks come twice.
fn cut(
    numbers: &mut Numbers,
    whole: &[u8],
    shape: &[u64],
    size: u64,
    reads: &Rc<Cell<(u64, u64)>>,
) -> Vec<Block> {
    let mut boxes = vec![(Vec::new(), Vec::new())];
    for length in shape {
        let mut cuts = vec![0, *length];
        cuts.extend((0..numbers.below(3)).map(|_| numbers.below(length + 1)).collect::<Vec<_>>());
        cuts.sort_unstable();
        boxes = boxes
            .iter()
            .flat_map(|(offsets, lengths)| {
                cuts.windows(2).map(move |pair| {
                    (
                        [&offsets[..], &[pair[0]]].concat(),
                        [&lengths[..], &[pair[1] - pair[0]]].concat(),
                    )
                })
            })
            .collect();
    }
    let mut blocks = Vec::new();
    for (place, (offsets, lengths)) in boxes.into_iter().enumerate() {
        let start = numbers.below(5);
        let mut bytes = vec![0xee; start as usize];
        bytes.extend(slice(whole, shape, size, &offsets, &lengths));
        let file = MemorySource::new(format!("rank {place}"), bytes);
        let counted = reads.clone();
        let see = move |range: &Range<u64>| {
            let (number, bytes) = counted.get();
            counted.set((number + 1, bytes + range.end - range.start));
        };
        let source: Rc<dyn Source> = Rc::new(WatchedSource { file, see });
        let block = Block { source, start, offsets, lengths };
        if numbers.below(4) == 0 {
            blocks.push(block.clone());
        }
        blocks.insert(numbers.below(blocks.len() as u64 + 1) as usize, block);
    }
    blocks
}

#[test]
fn reads_any_range_of_any_cut_as_from_one_file() {
    let mut numbers = Numbers(0x5eed);
    for round in 0..300 {
        let shape: Vec<u64> = (0..round % 5).map(|_| numbers.below(6)).collect();
        let size = [1, 2, 4, 8][numbers.below(4) as usize];
        let whole: Vec<u8> =
            (0..shape.iter().product::<u64>() * size).map(|_| numbers.below(256) as u8).collect();
        let reads = Rc::new(Cell::new((0, 0)));
        let blocks = cut(&mut numbers, &whole, &shape, size, &reads);
        let count = blocks.len() as u64;
        let joined = BlockSource::new("w", &shape, size, blocks).expect("blocks that cover it");
        assert_eq!(joined.len(), whole.len() as u64);
        for _ in 0..20 {
            let start = numbers.below(joined.len() + 1);
            let end = start + numbers.below(joined.len() - start + 1);
            reads.set((0, 0));
            let read = pollster::block_on(joined.read(start..end)).expect("a range inside");
            assert_eq!(read, whole[start as usize..end as usize], "{shape:?} {start}..{end}");
            let (number, bytes) = reads.get();
            assert!(number <= count, "{number} reads of {count} blocks");
            assert_eq!(bytes, end - start);
        }
        assert!(pollster::block_on(joined.read(0..joined.len() + 1)).is_err());
    }
}

#[test]
fn refuses_blocks_that_make_no_tensor() {
    let big = u64::MAX / 2;
    type Cut = (u64, &'static [u64], &'static [u64]);
    let whole: Cut = (0, &[0, 0], &[4, 4]);
    let cases: [(&str, &[u64], &[Cut], &str); 11] = [
        ("a hole", &[4, 4], &[(0, &[0, 0], &[2, 4])], "8 of 16 elements"),
        ("no block", &[4, 4], &[], "0 of 16"),
        ("an overlap", &[4, 4], &[whole, (0, &[2, 2], &[1, 1])], "overlap"),
        (
            "an overlap as large as a hole",
            &[4, 4],
            &[(0, &[0, 0], &[2, 4]), (0, &[1, 0], &[2, 4])],
            "overlap",
        ),
        ("outside", &[4, 4], &[(0, &[1, 0], &[4, 4])], "not inside"),
        ("far outside", &[4, 4], &[(0, &[u64::MAX, 0], &[4, 4])], "not inside"),
        ("other dimensions", &[4, 4], &[(0, &[0], &[4])], "not inside"),
        ("past the file's end", &[4, 4], &[(1, &[0, 0], &[4, 4])], "not in the file"),
        ("a start that overflows", &[4, 4], &[(u64::MAX, &[0, 0], &[4, 4])], "not in the file"),
        ("a shape that overflows", &[big, 4], &[whole], "too many elements"),
        ("a shape that hides it behind a 0", &[big, 4, 0], &[], "too many elements"),
    ];
    for (what, shape, cuts, message) in cases {
        let blocks = cuts
            .iter()
            .map(|(start, offsets, lengths)| Block {
                source: Rc::new(MemorySource::new("rank", vec![0; 16])),
                start: *start,
                offsets: offsets.to_vec(),
                lengths: lengths.to_vec(),
            })
            .collect();
        let Err(error) = BlockSource::new("w", shape, 1, blocks) else {
            panic!("{what} is taken");
        };
        assert!(error.to_string().contains(message), "{what}: {error}");
    }
}
