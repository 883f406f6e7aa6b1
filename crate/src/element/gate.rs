//! Gate III: which weights count as unchanged in bf16 (docs/numerics.md §9).

/// Returns whether |w1 − w0| ≤ η·max(|w0|, |w1|), in f32.
#[inline(always)]
pub fn is_close(w0: f32, w1: f32, eta: f32) -> bool {
    // `f32::max` asks for more of NaN than is needed here, and in wasm costs a call for it.
    let larger = if w0.abs() > w1.abs() { w0.abs() } else { w1.abs() };
    (w1 - w0).abs() <= eta * larger
}

/// Returns whether two bf16 values, given by their bits, pass the gate. Zeros of both signs pass,
/// NaN and infinities do not.
#[inline(always)]
pub fn is_unchanged(b0: u16, b1: u16, eta: f32) -> bool {
    let value = |b: u16| f32::from_bits(u32::from(b) << 16);
    let (w0, w1) = (value(b0), value(b1));
    // No branches, so that a run of weights is compared in vector registers.
    (w0.is_finite() & w1.is_finite()) & ((b0 == b1) | is_close(w0, w1, eta))
}

/// Returns whether a weight, given by its stored values and their bf16 bits, passes the gate. The
/// update mask holds the weights that do not.
#[inline(always)]
pub fn passes(w0: f64, w1: f64, b0: u16, b1: u16, eta: f32) -> bool {
    w0.is_finite() && w1.is_finite() && (b0 == b1 || is_unchanged(b0, b1, eta))
}
