//! The operand of a product.

/// The operand of a product: a stored matrix, or the difference tuned − base of two, which is taken
/// element by element.
#[derive(Debug)]
pub enum Operand<'a, M> {
    /// One stored matrix.
    One(&'a M),
    /// `Difference(base, tuned)` is tuned − base, subtracted in f32, which is exact for two bf16
    /// weights of like size; in f64 and then rounded to f32 for F64.
    Difference(&'a M, &'a M),
}

impl<M> Clone for Operand<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Operand<'_, M> {}
