//! What a product multiplies.

/// What a product multiplies: a stored matrix, or the difference tuned − base of two, taken element
/// by element.
#[derive(Debug)]
pub enum Operand<'a, M> {
    /// One matrix.
    One(&'a M),
    /// `Difference(base, tuned)` is tuned − base, subtracted in f32 (exact for two bf16 weights of
    /// like size).
    Difference(&'a M, &'a M),
}

impl<M> Clone for Operand<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Operand<'_, M> {}
