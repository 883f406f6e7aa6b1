//! Δ = s·B·A of one module, kept in its factors.

use crate::checkpoint::formats::lora::factor::Factor;
use crate::error::Error;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::{Rc, Weak};

/// An m×n update of rank r at most, in two stored factors.
pub struct LowRank {
    /// The factor A, r×in.
    pub a: Factor,
    /// The factor B, out×r.
    pub b: Factor,
    /// The scale s.
    pub scale: f64,
    /// True if the weight is stored in × out: then Δ = s·(B·A)ᵀ.
    pub transposed: bool,
    /// The factors in memory, for as long as somebody holds them.
    loaded: RefCell<Weak<Factors>>,
}

/// Both factors in memory, in f32: Δ = s·left·right.
pub struct Factors {
    /// The rank r.
    pub rank: usize,
    /// The left factor, m×r, row-major.
    pub left: Vec<f32>,
    /// The right factor, r×n, row-major.
    pub right: Vec<f32>,
    scale: f64,
}

fn transpose(rows: usize, values: &[f32]) -> Vec<f32> {
    let columns = values.len() / rows;
    (0..values.len()).map(|i| values[i % rows * columns + i / rows]).collect()
}

impl LowRank {
    /// Takes the stored factors, whose shapes must have r in common.
    pub fn new(a: Factor, b: Factor, scale: f64, transposed: bool) -> Self {
        Self { a, b, scale, transposed, loaded: RefCell::default() }
    }

    /// The rank r.
    pub fn rank(&self) -> u64 {
        self.a.rows
    }

    /// The shape of Δ as its weight is stored.
    pub fn shape(&self) -> Vec<u64> {
        let (out, inputs) = (self.b.rows, self.a.columns);
        if self.transposed { vec![inputs, out] } else { vec![out, inputs] }
    }

    /// The factors in memory, read once for as long as somebody holds them.
    ///
    /// # Errors
    /// [`Error::Read`] by the file's name.
    pub async fn load(&self) -> Result<Rc<Factors>, Error> {
        if let Some(there) = self.loaded.borrow().upgrade() {
            return Ok(there);
        }
        let rank = self.rank() as usize;
        let (a, b) = (self.a.read().await?, self.b.read().await?);
        let (left, right) = if self.transposed {
            (transpose(rank, &a), transpose(b.len() / rank, &b))
        } else {
            (b, a)
        };
        let factors = Rc::new(Factors { rank, left, right, scale: self.scale });
        self.loaded.replace(Rc::downgrade(&factors));
        Ok(factors)
    }
}

impl Factors {
    /// The scale s.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Elements `range` of Δ, row-major, in f64.
    pub fn elements(&self, range: Range<usize>, out: &mut Vec<f64>) {
        let cols = self.right.len() / self.rank;
        out.clear();
        out.resize(range.len(), 0.0);
        let (mut at, mut rest) = (range.start, &mut out[..]);
        while !rest.is_empty() {
            let (row, column) = (at / cols, at % cols);
            let (here, after) = rest.split_at_mut((cols - column).min(rest.len()));
            self.add_row(row, column, here);
            at += here.len();
            rest = after;
        }
    }

    /// A function of its own: browsers start in slow code and change over between two calls only.
    #[inline(never)]
    fn add_row(&self, row: usize, column: usize, out: &mut [f64]) {
        let cols = self.right.len() / self.rank;
        for t in 0..self.rank {
            let l = f64::from(self.left[row * self.rank + t]);
            let r = &self.right[t * cols + column..t * cols + column + out.len()];
            out.iter_mut().zip(r).for_each(|(o, r)| *o += l * f64::from(*r));
        }
        out.iter_mut().for_each(|o| *o *= self.scale);
    }
}
