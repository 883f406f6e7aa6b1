// Weights as integers of four balanced 8-bit digits, four weights of a column of A to a vec4: word
// d holds their digits d. The integer is W 2^29 / 2^e, rounded, with 2^e over the column's largest
// magnitude; or, where DIFFERENCE, that of B less that of A, which is below 2^30. All in integers,
// so that no device flushes or rounds on its own. p0: rows and columns of the tile, groups of four
// to write, words' row length; p1: first group in the tile, where it goes, the tile's first column
// of A, its columns of A.
struct Params { p0: vec4u, p1: vec4u, p2: vec4u, p3: vec4u }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> A: array<u32>;
@group(0) @binding(2) var<storage, read> B: array<u32>;
@group(0) @binding(3) var<storage, read> largest: array<u32>;
@group(0) @binding(4) var<storage, read_write> digits: array<vec4u>;

fn integer(bits: u32, most: u32) -> i32 {
  let field = (bits >> 23u) & 255u;
  // Subnormal numbers have the exponent of the smallest normal one, and no hidden bit.
  let exponent = i32(max(field, 1u));
  let mantissa = (bits & 0x7fffffu) | select(0x800000u, 0u, field == 0u);
  let shift = exponent - i32(max(most >> 23u, 1u)) + 5;
  var magnitude = 0u;
  if (shift >= 0) { magnitude = mantissa << u32(shift); }
  else if (shift >= -24) { magnitude = (mantissa + (1u << u32(-shift - 1))) >> u32(-shift); }
  return select(i32(magnitude), -i32(magnitude), (bits >> 31u) == 1u);
}

// The four digits of one weight, the most significant in the highest byte: adding 128 to the lower
// three digits carries what is over 127 into the next, and taking it off again is flipping their
// sign bits.
fn digits_of(e: u32, most: u32) -> u32 {
  let i = word_index(e);
  var x = integer(bits_of(B[i], e), most);
  if (DIFFERENCE) { x -= integer(bits_of(A[i], e), most); }
  return (bitcast<u32>(x) + 0x808080u) ^ 0x808080u;
}

fn digit(x: vec4u, place: u32) -> u32 {
  let d = (x >> vec4u(place)) & vec4u(255u);
  return d.x | (d.y << 8u) | (d.z << 16u) | (d.w << 24u);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) w: vec3u,
  @builtin(num_workgroups) n: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let id = (w.y * n.x + w.x) * 64u + lane;
  let group = id / p.p1.w;
  if (group >= p.p0.z) { return; }
  let column = id % p.p1.w;
  let most = largest[p.p1.z + column];
  let length = select(p.p0.x, p.p0.y, WIDE);
  var x = vec4u();
  for (var q = 0u; q < 4u; q++) {
    let t = (p.p1.x + group) * 4u + q;
    if (t < length) {
      x[q] = digits_of(select(t * p.p0.y + column, column * p.p0.y + t, WIDE), most);
    }
  }
  digits[(p.p1.y + group) * p.p0.w + p.p1.z + column] =
    vec4u(digit(x, 24u), digit(x, 16u), digit(x, 8u), digit(x, 0u));
}
