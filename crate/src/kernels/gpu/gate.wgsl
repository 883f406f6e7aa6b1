// The update gate, shared by the diff and the principal counts.

fn finite(bits: u32) -> bool { return (bits & 0x7f800000u) != 0x7f800000u; }

// Nearest even; only for finite values, which may round to infinity.
fn to_bf16(bits: u32) -> u32 {
  return (bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u;
}

// Lifts a tiny value by 2^100, subnormals too, so that no device flushes it before the comparison.
fn lifted(bits: u32) -> f32 {
  let magnitude = bits & 0x7fffffffu;
  var value = 0.0;
  if (magnitude < 0x00800000u) { value = f32(magnitude) * 1.7763568394002505e-15; }
  else { value = bitcast<f32>(magnitude + (100u << 23u)); }
  return select(value, -value, (bits >> 31u) == 1u);
}

// |b - a| <= eta max(|a|, |b|) of two f32 bit patterns; an infinity only equals itself.
fn near(a: u32, b: u32, eta: f32) -> bool {
  if (a == b || ((a | b) & 0x7fffffffu) == 0u) { return true; }
  if (!finite(a) || !finite(b)) { return false; }
  let most = max(a & 0x7fffffffu, b & 0x7fffffffu);
  if (most < (64u << 23u)) {
    let x = lifted(a);
    let y = lifted(b);
    return abs(y - x) <= eta * max(abs(x), abs(y));
  }
  let x = bitcast<f32>(a);
  let y = bitcast<f32>(b);
  return abs(y - x) <= eta * max(abs(x), abs(y));
}

fn unchanged_in_bf16(a: u32, b: u32, eta: f32) -> bool {
  return finite(a) && finite(b) && near(to_bf16(a) << 16u, to_bf16(b) << 16u, eta);
}
