//! Views of what an adapter moves beside its matrices: biases, rows of embeddings, and tensors that
//! it stores whole.

use crate::checkpoint::formats::lora::merged::{push, round};
use crate::checkpoint::views::{View, cut_range};
use crate::element::decode::Decoder;
use crate::element::dtype::Dtype;
use crate::source::ReadFuture;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// Casts a view to `dtype`, as PEFT does with a stored tensor that it loads into a model of that
/// dtype.
pub(crate) fn cast_view(of: &Rc<dyn View>, dtype: Dtype) -> Rc<dyn View> {
    if of.dtype() == dtype { of.clone() } else { Rc::new(Cast { of: of.clone(), dtype }) }
}

struct Cast {
    of: Rc<dyn View>,
    dtype: Dtype,
}

/// Reads a piece of a view as f64.
async fn read(view: &Rc<dyn View>, piece: Range<u64>) -> Result<Vec<f64>, crate::error::Error> {
    let mut values = vec![0.0; (piece.end - piece.start) as usize];
    Decoder::new(view.dtype(), view.elements(piece).await?).decode_f64(0, &mut values);
    Ok(values)
}

impl View for Cast {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let mut out = Vec::new();
            for piece in cut_range(range) {
                let values = read(&self.of, piece).await?;
                values.into_iter().for_each(|value| push(value, self.dtype, &mut out));
            }
            Ok(out)
        })
    }
}

/// Adds s·b to a layer's bias: the product is rounded to f32, and the sum as a merged weight.
pub(crate) fn add_bias(base: &Rc<dyn View>, bias: &Rc<dyn View>, scale: f64) -> Rc<dyn View> {
    Rc::new(WithBias { base: base.clone(), bias: bias.clone(), scale })
}

struct WithBias {
    base: Rc<dyn View>,
    bias: Rc<dyn View>,
    scale: f64,
}

impl View for WithBias {
    fn dtype(&self) -> Dtype {
        self.base.dtype()
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let mut out = Vec::new();
            for piece in cut_range(range) {
                let own = read(&self.base, piece.clone()).await?;
                let added = read(&self.bias, piece).await?;
                own.into_iter().zip(added).for_each(|(own, added)| {
                    push(own + round(added * self.scale, Dtype::F32), self.dtype(), &mut out)
                });
            }
            Ok(out)
        })
    }
}

/// Puts rows in the place of others: row r of `base` is row `places[r]` of `rows`. Both have
/// `columns` columns.
pub(crate) fn replace_rows(
    base: &Rc<dyn View>,
    rows: &Rc<dyn View>,
    places: BTreeMap<u64, u64>,
    columns: u64,
) -> Rc<dyn View> {
    let rows = cast_view(rows, base.dtype());
    Rc::new(WithRows { base: base.clone(), rows, places, columns })
}

struct WithRows {
    base: Rc<dyn View>,
    rows: Rc<dyn View>,
    places: BTreeMap<u64, u64>,
    columns: u64,
}

impl View for WithRows {
    fn dtype(&self) -> Dtype {
        self.base.dtype()
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let mut out = self.base.elements(range.clone()).await?;
            let (size, columns) = (self.dtype().size() as u64, self.columns);
            let touched = range.start / columns..range.end.div_ceil(columns);
            for (row, place) in self.places.range(touched) {
                let start = range.start.max(row * columns);
                let end = range.end.min((row + 1) * columns);
                let from = place * columns + start - row * columns;
                let new = self.rows.elements(from..from + end - start).await?;
                let at = ((start - range.start) * size) as usize;
                out[at..at + new.len()].copy_from_slice(&new);
            }
            Ok(out)
        })
    }
}

/// A tensor of matrices of one size, each with a view of its own.
pub(crate) struct Stacked {
    /// The matrices, each from its element 0 on.
    pub parts: Vec<Rc<dyn View>>,
    /// Elements of a matrix.
    pub each: u64,
    /// The dtype of all.
    pub dtype: Dtype,
}

impl View for Stacked {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(async move {
            let (mut out, mut at) = (Vec::new(), range.start);
            while at < range.end {
                let (part, first) = (at / self.each, at % self.each);
                let end = self.each.min(first + range.end - at);
                out.extend(self.parts[part as usize].elements(first..end).await?);
                at += end - first;
            }
            Ok(out)
        })
    }
}

/// The elements of a view from `start` on.
pub(crate) struct Tail {
    /// The view.
    pub of: Rc<dyn View>,
    /// The first element.
    pub start: u64,
}

impl View for Tail {
    fn dtype(&self) -> Dtype {
        self.of.dtype()
    }

    fn elements(&self, range: Range<u64>) -> ReadFuture<'_> {
        self.of.elements(self.start + range.start..self.start + range.end)
    }
}
