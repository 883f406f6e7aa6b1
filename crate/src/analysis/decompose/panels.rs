//! Panels of a pair along its longer side, for the exact route. They are read from the files when
//! they are needed.

use crate::analysis::matrices::Matrices;
use crate::checkpoint::pairing::{Pair, Side};
use crate::element::decode::Decoder;
use crate::element::rows::steps;
use crate::error::Error;
use crate::kernels::{Backend, Operand};
use crate::linalg::decoded::{decode_columns, decode_rows};
use crate::linalg::exact::{PairMatrix, Panels};
use faer::Mat;
use std::cell::RefCell;
use std::ops::Range;

/// Bytes of rows that are read at a time for a stripe.
const CHUNK: u64 = 1 << 20;

/// Panels of one pair. Those of a tall matrix are rows. Those of a wide one are columns, and files
/// are read by rows: so all rows are read for a stripe of many panels, which is kept until the next
/// one is asked for.
pub struct PairPanels<'a, B: Backend> {
    pair: &'a Pair,
    device: &'a B,
    matrices: &'a Matrices<B>,
    /// Bytes that the device may take beside the matrices.
    room: u64,
    wide: bool,
    /// Columns of a stripe.
    columns: usize,
    stripe: RefCell<Option<Stripe>>,
}

/// Some columns of all rows.
struct Stripe {
    columns: Range<usize>,
    base: Decoder,
    tuned: Decoder,
}

impl<'a, B: Backend> PairPanels<'a, B> {
    /// Makes the panels of `pair`, whose sides `matrices` holds on `device`. `room` is the bytes
    /// that the device may take beside the matrices, `stripe` those that may be kept of both sides
    /// of a wide matrix.
    pub fn new(
        pair: &'a Pair,
        device: &'a B,
        matrices: &'a Matrices<B>,
        room: u64,
        stripe: u64,
    ) -> Self {
        let column = 2 * pair.rows() * pair.dtype.size() as u64;
        let columns = (stripe / column.max(1)).clamp(1, pair.cols().max(1)) as usize;
        Self {
            pair,
            device,
            matrices,
            room,
            wide: pair.rows() < pair.cols(),
            columns,
            stripe: RefCell::new(None),
        }
    }

    /// Reads some columns of one side, row-major.
    async fn read_columns(&self, side: Side, columns: &Range<usize>) -> Result<Decoder, Error> {
        let (size, cols) = (self.pair.dtype.size(), self.pair.cols() as usize);
        let rows = self.pair.rows() as usize;
        if columns.len() == cols {
            return self.pair.decode_rows(side, 0..rows as u64).await;
        }
        let mut bytes = Vec::with_capacity(rows * columns.len() * size);
        for some in steps(rows, CHUNK as usize / (cols * size)) {
            let read = self.pair.read_rows(side, some.start as u64..some.end as u64).await?;
            for row in read.chunks_exact(cols * size) {
                bytes.extend_from_slice(&row[columns.start * size..columns.end * size]);
            }
        }
        Ok(Decoder::new(self.pair.dtype, bytes))
    }

    /// Reads the stripe that begins with `columns`, unless they are in the one that is kept.
    async fn fetch_stripe(&self, columns: &Range<usize>) -> Result<(), Error> {
        let held = |s: &Stripe| s.columns.start <= columns.start && columns.end <= s.columns.end;
        if self.stripe.borrow().as_ref().is_some_and(held) {
            return Ok(());
        }
        self.release();
        let end = (columns.start + self.columns.max(columns.len())).min(self.pair.cols() as usize);
        let columns = columns.start..end;
        let base = self.read_columns(Side::Base, &columns).await?;
        let tuned = self.read_columns(Side::Tuned, &columns).await?;
        self.stripe.replace(Some(Stripe { columns, base, tuned }));
        Ok(())
    }
}

impl<B: Backend> Panels for PairPanels<'_, B> {
    fn shape(&self) -> (usize, usize) {
        let (m, n) = (self.pair.rows() as usize, self.pair.cols() as usize);
        if self.wide { (n, m) } else { (m, n) }
    }

    async fn panel(&self, start: usize, count: usize) -> Result<(Mat<f64>, Mat<f64>), Error> {
        let (_, short) = self.shape();
        if self.wide {
            self.fetch_stripe(&(start..start + count)).await?;
            let stripe = self.stripe.borrow();
            let Stripe { columns, base, tuned } = stripe.as_ref().expect("it was just fetched");
            let of = |d: &Decoder| {
                decode_columns(d, start - columns.start, columns.len(), (count, short))
            };
            return Ok((of(base), of(tuned)));
        }
        let rows = start as u64..(start + count) as u64;
        let (base, tuned) = (
            self.pair.decode_rows(Side::Base, rows.clone()).await?,
            self.pair.decode_rows(Side::Tuned, rows).await?,
        );
        let of = |d: &Decoder| decode_rows(d, 0, short, (count, short));
        Ok((of(&base), of(&tuned)))
    }

    async fn gram(&self, matrix: PairMatrix) -> Result<Option<Mat<f64>>, Error> {
        let Matrices { base, tuned, streamed, precise, .. } = self.matrices;
        // The sides on the device are rounded where there are more precise ones.
        if *streamed || precise.is_some() {
            return Ok(None);
        }
        let operand = match matrix {
            PairMatrix::Base => Operand::One(base),
            PairMatrix::Tuned => Operand::One(tuned),
            PairMatrix::Update => Operand::Difference(base, tuned),
        };
        self.device.exact_gram(operand, self.room).await
    }

    fn release(&self) {
        self.stripe.replace(None);
    }
}
