// Put before the kernels that read weights, which are stored as DTYPE says. Their bits are worked
// on as integers: WGSL may assume that no NaN or infinity occurs, and may flush subnormals.

fn half_to_f32_bits(h: u32) -> u32 {
  let sign = (h & 0x8000u) << 16u;
  let exponent = (h >> 10u) & 31u;
  let mantissa = h & 0x3ffu;
  if (exponent == 31u) { return sign | 0x7f800000u | (mantissa << 13u); }
  if (exponent == 0u) { return sign | bitcast<u32>(f32(mantissa) * 5.9604644775390625e-8); }
  return sign | ((exponent + 112u) << 23u) | (mantissa << 13u);
}

// f32 bits of element e, whose word is given.
fn bits_of(word: u32, e: u32) -> u32 {
  if (DTYPE == F32) { return word; }
  let stored = select(word & 0xffffu, word >> 16u, (e & 1u) == 1u);
  if (DTYPE == BF16) { return stored << 16u; }
  return half_to_f32_bits(stored);
}

fn word_index(e: u32) -> u32 {
  return select(e >> 1u, e, DTYPE == F32);
}
