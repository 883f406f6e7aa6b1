// Weights as integers of four balanced 8-bit digits, four weights of a column of A to a vec4: word
// d holds their digits d. The integer is W 2^BITS / 2^e, rounded, with 2^e over the column's
// largest magnitude; or, where DIFFERENCE, that of tuned less that of base, which has one bit more.
// All in integers, so that no device flushes or rounds on its own.
// gpu.rs declares the parameters p, SlicesParams, and the constants.

@group(0) @binding(3) var<storage, read> largest: array<u32>;
@group(0) @binding(4) var<storage, read_write> digits: array<vec4u>;

fn integer(bits: u32, most: u32) -> i32 {
  let field = (bits >> 23u) & 255u;
  // Subnormal numbers have the exponent of the smallest normal one, and no hidden bit.
  let exponent = i32(max(field, 1u));
  let mantissa = (bits & 0x7fffffu) | select(0x800000u, 0u, field == 0u);
  let shift = exponent - i32(max(most >> 23u, 1u)) + i32(BITS) - 24;
  var magnitude = 0u;
  if (shift >= 0) { magnitude = mantissa << u32(shift); }
  else if (shift >= -24) { magnitude = (mantissa + (1u << u32(-shift - 1))) >> u32(-shift); }
  return select(i32(magnitude), -i32(magnitude), (bits >> 31u) == 1u);
}

// The four digits of one weight, the most significant in the highest byte: adding 128 to the lower
// three digits carries what is over 127 into the next, and taking it off again is flipping their
// sign bits.
fn digits_of(e: u32, most: u32) -> u32 {
  var x = integer(tuned_bits(e), most);
  if (DIFFERENCE) { x -= integer(base_bits(e), most); }
  return (bitcast<u32>(x) + 0x808080u) ^ 0x808080u;
}

fn digit(x: vec4u, place: u32) -> u32 {
  let d = (x >> vec4u(place)) & vec4u(255u);
  return d.x | (d.y << 8u) | (d.z << 16u) | (d.w << 24u);
}

@compute @workgroup_size(GROUP)
fn main(invocation: Invocation) {
  let id = number_of(invocation);
  let group = id / p.own_columns;
  if (group >= p.groups) { return; }
  let column = id % p.own_columns;
  let most = largest[p.first_column + column];
  let length = select(p.rows, p.columns, WIDE);
  var x = vec4u();
  for (var q = 0u; q < 4u; q++) {
    let t = (p.first_group + group) * 4u + q;
    if (t < length) {
      x[q] = digits_of(select(t * p.columns + column, column * p.columns + t, WIDE), most);
    }
  }
  digits[(p.to_group + group) * p.stride + p.first_column + column] =
    vec4u(digit(x, 24u), digit(x, 16u), digit(x, 8u), digit(x, 0u));
}
