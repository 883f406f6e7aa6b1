//! Views of parts of other views, and of several as one.

use crate::checkpoint::views::{PIECE, View, widen_view};
use crate::element::dtype::Dtype;
use crate::source::ReadFuture;
use std::ops::Range;
use std::rc::Rc;

struct Slice {
    of: Rc<dyn View>,
    start: u64,
}

/// The elements of a view from `start` on.
pub(crate) fn slice_view(of: &Rc<dyn View>, start: u64) -> Rc<dyn View> {
    if start == 0 { of.clone() } else { Rc::new(Slice { of: of.clone(), start }) }
}

impl View for Slice {
    fn dtype(&self) -> Dtype {
        self.of.dtype()
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        self.of.elements(self.start + range.start..self.start + range.end)
    }
}

struct Joined {
    dtype: Dtype,
    /// The views, each with the place of its first element, and the end of the last.
    parts: Vec<(u64, Rc<dyn View>)>,
    end: u64,
}

/// Views one behind the other, each with its number of elements, in a dtype that holds all.
pub(crate) fn join_views(views: &[(Rc<dyn View>, u64)]) -> Option<Rc<dyn View>> {
    let dtype = views.iter().map(|(view, _)| view.dtype()).reduce(Dtype::common)?;
    let (mut parts, mut end) = (Vec::new(), 0u64);
    for (view, count) in views {
        parts.push((end, widen_view(view, dtype)));
        end = end.checked_add(*count)?;
    }
    Some(Rc::new(Joined { dtype, parts, end }))
}

impl View for Joined {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let mut out = Vec::new();
            let first = self.parts.partition_point(|(start, _)| *start <= range.start);
            for at in first.saturating_sub(1)..self.parts.len() {
                let (start, view) = &self.parts[at];
                let end = self.parts.get(at + 1).map_or(self.end, |(next, _)| *next);
                // The last part answers for what lies beyond it, with its file's error.
                let to = if at + 1 == self.parts.len() { range.end } else { range.end.min(end) };
                let from = range.start.max(*start);
                if from < to {
                    out.extend(view.elements(from - start..to - start).await?);
                }
                if range.end <= end {
                    break;
                }
            }
            Ok(out)
        })
    }
}

struct Transposed {
    of: Rc<dyn View>,
    /// Rows and columns of `of`.
    rows: u64,
    columns: u64,
}

/// The transpose of a matrix of `rows` × `columns`. Each reading goes over the whole matrix, piece
/// by piece.
pub(crate) fn transpose_view(of: &Rc<dyn View>, rows: u64, columns: u64) -> Rc<dyn View> {
    Rc::new(Transposed { of: of.clone(), rows, columns })
}

impl View for Transposed {
    fn dtype(&self) -> Dtype {
        self.of.dtype()
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let size = self.dtype().size();
            let mut out = vec![0; (range.end - range.start) as usize * size];
            if out.is_empty() {
                return Ok(out);
            }
            // Columns of `of` that are wanted.
            let wanted = range.start / self.rows..range.end.div_ceil(self.rows);
            let step = (PIECE / self.columns.max(1)).max(1);
            for first in (0..self.rows).step_by(step as usize) {
                let last = self.rows.min(first + step);
                let piece = self.of.elements(first * self.columns..last * self.columns).await?;
                for row in first..last {
                    for column in wanted.clone() {
                        let to = column * self.rows + row;
                        if range.contains(&to) {
                            let from = ((row - first) * self.columns + column) as usize * size;
                            let to = (to - range.start) as usize * size;
                            out[to..to + size].copy_from_slice(&piece[from..from + size]);
                        }
                    }
                }
            }
            Ok(out)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::testing::{bf16_bytes, bytes_file, f32_bytes};
    use crate::checkpoint::views::stored::Stored;

    fn f32s(values: &[f32]) -> Rc<dyn View> {
        Rc::new(Stored::new(bytes_file("x", f32_bytes(values)), Dtype::F32, 0))
    }

    fn read(view: &Rc<dyn View>, range: Range<u64>) -> Vec<u8> {
        pollster::block_on(view.elements(range)).expect("in range")
    }

    #[test]
    fn parts_join_and_turn() {
        let bf16: Rc<dyn View> =
            Rc::new(Stored::new(bytes_file("y", bf16_bytes(&[7.0, 8.0])), Dtype::Bf16, 0));
        let joined = join_views(&[(f32s(&[1.0, 2.0, 3.0]), 3), (bf16, 2), (f32s(&[9.0]), 1)])
            .expect("views");
        let all = [1.0, 2.0, 3.0, 7.0, 8.0, 9.0];
        for start in 0..6 {
            for end in start..=6 {
                let want = f32_bytes(&all[start..end]);
                assert_eq!(read(&joined, start as u64..end as u64), want, "{start}..{end}");
            }
        }
        assert!(pollster::block_on(joined.elements(4..7)).is_err(), "beyond the last");
        assert!(join_views(&[]).is_none());
        assert_eq!(read(&slice_view(&joined, 2), 1..3), f32_bytes(&[7.0, 8.0]));
        let turned = transpose_view(&joined, 2, 3);
        let want = [1.0, 7.0, 2.0, 8.0, 3.0, 9.0];
        for start in 0..6 {
            for end in start..=6 {
                let want = f32_bytes(&want[start..end]);
                assert_eq!(read(&turned, start as u64..end as u64), want, "{start}..{end}");
            }
        }
    }
}
