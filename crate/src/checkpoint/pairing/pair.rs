//! A matrix or vector of the base and its partner.

use crate::checkpoint::attention::HeadBlocks;
use crate::checkpoint::cut::{Piece, cut_tensor};
use crate::checkpoint::entry::TensorEntry;
use crate::checkpoint::formats::lora::low_rank::LowRank;
use crate::checkpoint::formats::lora::merged::add_update;
use crate::checkpoint::names::role::{Role, find_role};
use crate::checkpoint::open::Checkpoint;
use crate::checkpoint::pairing::rows::cut_to;
use crate::checkpoint::views::{Quantization, scale_view, widen_view};
use crate::element::decode::Decoder;
use crate::element::dtype::Dtype;
use crate::element::rows::RowSource;
use crate::error::Error;
use crate::source::ReadFuture;
use std::ops::Range;
use std::rc::Rc;

/// One of the two checkpoints of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The base, W0.
    Base,
    /// The tuned checkpoint, W1.
    Tuned,
}

/// A matrix (or vector) of the base and its partner.
#[derive(Clone)]
pub struct Pair {
    /// The tensor's name; `[e]` is appended for slice e of stacked experts.
    pub name: String,
    /// Layer and module.
    pub role: Role,
    /// The shape of the slice: one or two dimensions.
    pub shape: Vec<u64>,
    /// Why a pair of two dimensions has no singular values to compare; `None` where it has.
    pub no_spectrum: Option<&'static str>,
    /// The dtype in which both are read: one that holds the elements of either exactly.
    pub dtype: Dtype,
    /// The diagonal Fisher of the base tensor, of its shape, in a dtype of its own.
    pub fisher: Option<TensorEntry>,
    /// The attention heads; `None` without any.
    pub heads: Option<HeadBlocks>,
    /// The output projection of the layer; `None` unless this is a value projection.
    pub outputs: Option<Rc<Pair>>,
    /// The update before the merge rounds it; `None` unless the weight has an adapter.
    pub unmerged: Option<Rc<Unmerged>>,
    /// Why the Fisher given can't be used.
    pub fisher_note: Option<String>,
    /// Both with views of `dtype`.
    base: TensorEntry,
    tuned: TensorEntry,
    /// The slice's first element.
    offset: u64,
}

/// An adapter's update before the merge.
pub struct Unmerged {
    /// W0 against W0 + Δ in F32 (F64 of an F64 base), for the long products.
    pub pair: Pair,
    /// The same pair in F64, for exact decompositions.
    pub precise: Pair,
    /// Δ in factors.
    pub update: Rc<LowRank>,
}

impl Pair {
    fn tensor(&self, side: Side) -> &TensorEntry {
        match side {
            Side::Base => &self.base,
            Side::Tuned => &self.tuned,
        }
    }

    /// The whole tensor's name on one side, and the index of the slice's first element in it.
    pub(crate) fn place(&self, side: Side) -> (&str, u64) {
        (&self.tensor(side).name, self.offset)
    }

    /// The dtype in one side's file.
    pub fn stored(&self, side: Side) -> safetensors::Dtype {
        self.tensor(side).stored
    }

    /// Bytes of both sides as stored.
    pub fn stored_bytes(&self) -> u64 {
        let bits = |side| self.elements() * self.stored(side).bitsize() as u64;
        (bits(Side::Base) + bits(Side::Tuned)) / 8
    }

    /// True for two dimensions.
    pub fn is_matrix(&self) -> bool {
        self.shape.len() == 2
    }

    /// True for a matrix that maps one space to another, so that its singular values and subspaces
    /// mean something.
    pub fn has_spectrum(&self) -> bool {
        self.is_matrix() && self.no_spectrum.is_none()
    }

    /// Number of rows m; 1 for vectors.
    pub fn rows(&self) -> u64 {
        if self.is_matrix() { self.shape[0] } else { 1 }
    }

    /// Number of columns n; the length of vectors.
    pub fn cols(&self) -> u64 {
        self.shape.last().copied().unwrap_or(1)
    }

    /// Number of elements.
    pub fn elements(&self) -> u64 {
        self.rows() * self.cols()
    }

    /// Bytes of one side in the pair's dtype.
    pub fn bytes(&self) -> u64 {
        self.elements() * self.dtype.size() as u64
    }

    /// Reads some rows of one side.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    pub async fn read_rows(&self, side: Side, rows: Range<u64>) -> Result<Vec<u8>, Error> {
        self.read_of(self.tensor(side), rows).await
    }

    /// Reads some rows of this piece of another tensor of the same shape.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    pub async fn read_of(&self, tensor: &TensorEntry, rows: Range<u64>) -> Result<Vec<u8>, Error> {
        tensor
            .view
            .elements(self.offset + rows.start * self.cols()..self.offset + rows.end * self.cols())
            .await
    }

    /// The range of its elements in the whole tensor.
    pub fn range(&self) -> Range<u64> {
        self.offset..self.offset + self.elements()
    }

    /// The codes and scales of one side's whole tensor; `None` unless it is quantised.
    pub fn quantization(&self, side: Side) -> Option<&dyn Quantization> {
        self.tensor(side).view.quantization()
    }

    /// Reads some rows of one side, ready to be read as numbers.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    pub async fn decode_rows(&self, side: Side, rows: Range<u64>) -> Result<Decoder, Error> {
        Ok(Decoder::new(self.dtype, self.read_rows(side, rows).await?))
    }

    /// The pair with both sides times 2^`exponent`.
    pub fn scale(&self, exponent: i32) -> Self {
        let scaled = |tensor: &TensorEntry| TensorEntry {
            view: scale_view(&tensor.view, exponent),
            ..tensor.clone()
        };
        Self { base: scaled(&self.base), tuned: scaled(&self.tuned), ..self.clone() }
    }

    /// Attaches the base's Fisher from the file that holds it.
    pub fn attach_fisher(&mut self, fisher: &Checkpoint) {
        match fisher.get(&self.base.name) {
            None => self.fisher_note = Some("the Fisher given has no tensor of this name".into()),
            Some(found) if found.shape == self.base.shape => self.fisher = Some(found.clone()),
            // Rows that only the base has are not compared, but its Fisher has them.
            Some(found) => match cut_to(found, &self.base) {
                Some(cut) => self.fisher = Some(cut),
                None => {
                    self.fisher_note = Some(format!(
                        "its Fisher has the shape {:?} and not {:?}",
                        found.shape, self.base.shape
                    ));
                }
            },
        }
    }

    /// One side as a source of rows, for a device that reads them when it needs them.
    pub fn source(&self, side: Side) -> Rc<dyn RowSource> {
        Rc::new(OneSide { pair: self.clone(), side })
    }
}

struct OneSide {
    pair: Pair,
    side: Side,
}

impl RowSource for OneSide {
    fn rows(&self, range: Range<u64>) -> ReadFuture<'_> {
        Box::pin(self.pair.read_rows(self.side, range))
    }
}

/// Cuts a tensor that both sides have into pairs of matrices and vectors.
pub(crate) fn cut_pair(base: &TensorEntry, tuned: &TensorEntry) -> Vec<Pair> {
    let dtype = base.dtype().common(tuned.dtype());
    let read = |tensor: &TensorEntry| TensorEntry {
        view: widen_view(&tensor.view, dtype),
        ..tensor.clone()
    };
    let (read_base, read_tuned) = (read(base), read(tuned));
    let of = |piece: Piece| Pair {
        role: find_role(&base.name, &piece.shape),
        name: piece.name,
        shape: piece.shape,
        no_spectrum: piece.no_spectrum,
        dtype,
        heads: None,
        fisher: None,
        fisher_note: None,
        outputs: None,
        unmerged: None,
        base: read_base.clone(),
        tuned: read_tuned.clone(),
        offset: piece.offset,
    };
    let mut pieces: Vec<Pair> = cut_tensor(&base.name, &base.shape).into_iter().map(of).collect();
    // An adapter's weight is one matrix.
    if let ([whole], Some(update), [_] | [_, _]) = (&mut pieces[..], &tuned.update, &base.shape[..])
    {
        let with = |dtype: Dtype| Pair {
            dtype,
            base: TensorEntry { view: widen_view(&base.view, dtype), ..base.clone() },
            tuned: TensorEntry { view: add_update(&base.view, update, dtype), ..tuned.clone() },
            ..whole.clone()
        };
        let products = if base.dtype() == Dtype::F64 { Dtype::F64 } else { Dtype::F32 };
        whole.unmerged = Some(Rc::new(Unmerged {
            pair: with(products),
            precise: with(Dtype::F64),
            update: update.clone(),
        }));
    }
    pieces
}
