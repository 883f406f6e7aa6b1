// Integer sums over the rows of A of the products of its columns i and j: four i by two j per
// invocation, BLOCK_ROWS by BLOCK_COLUMNS per workgroup. The products of digits a and b count
// 256^(6-a-b); those of one place are summed in an i32, then carried into a sum of three words (48
// bits below, a signed word above) that goes on from one dispatch to the next. No overflow: |digit|
// <= 128 and four pairs at most share a place, so a row adds at most 2^16 to it, and the 2^13 rows
// of a dispatch 2^29; a carry is below 2^22.
// gpu.rs declares the parameters p, GramParams, and the constants.

@group(0) @binding(1) var<storage, read> digits: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> sums: array<u32>;

struct Places { s0: vec4i, s1: vec4i, s2: vec4i, s3: vec4i, s4: vec4i, s5: vec4i, s6: vec4i }

fn dots(a: vec4u, b: u32) -> vec4i {
  return vec4i(
    dot4I8Packed(a.x, b), dot4I8Packed(a.y, b),
    dot4I8Packed(a.z, b), dot4I8Packed(a.w, b),
  );
}

// a0…a3: digits 0…3 of four columns; b: the four digits of one.
fn add(t: Places, a0: vec4u, a1: vec4u, a2: vec4u, a3: vec4u, b: vec4u) -> Places {
  return Places(
    t.s0 + dots(a0, b.x),
    t.s1 + dots(a0, b.y) + dots(a1, b.x),
    t.s2 + dots(a0, b.z) + dots(a1, b.y) + dots(a2, b.x),
    t.s3 + dots(a0, b.w) + dots(a1, b.z) + dots(a2, b.y) + dots(a3, b.x),
    t.s4 + dots(a1, b.w) + dots(a2, b.z) + dots(a3, b.y),
    t.s5 + dots(a2, b.w) + dots(a3, b.z),
    t.s6 + dots(a3, b.w),
  );
}

fn store(i: u32, j: u32, s0: i32, s1: i32, s2: i32, s3: i32, s4: i32, s5: i32, s6: i32) {
  let at = ((i - p.first_row) * p.width + j) * SUM_WORDS;
  var low = sums[at];
  var middle = sums[at + 1u];
  var high = bitcast<i32>(sums[at + 2u]);
  if (p.restart == 1u) { low = 0u; middle = 0u; high = 0; }
  let t6 = s6 + i32(low & 255u);
  let t5 = s5 + (t6 >> 8u) + i32((low >> 8u) & 255u);
  let t4 = s4 + (t5 >> 8u) + i32((low >> 16u) & 255u);
  let t3 = s3 + (t4 >> 8u) + i32(low >> 24u);
  let t2 = s2 + (t3 >> 8u) + i32(middle & 255u);
  let t1 = s1 + (t2 >> 8u) + i32(middle >> 8u);
  sums[at] = (u32(t6) & 255u) | ((u32(t5) & 255u) << 8u)
    | ((u32(t4) & 255u) << 16u) | (u32(t3) << 24u);
  sums[at + 1u] = (u32(t2) & 255u) | ((u32(t1) & 255u) << 8u);
  sums[at + 2u] = bitcast<u32>(high + s0 + (t1 >> 8u));
}

@compute @workgroup_size(GROUP)
fn main(invocation: Invocation) {
  let id = group_of(invocation);
  let across = p.width / BLOCK_COLUMNS;
  if (id >= across * p.blocks) { return; }
  let lanes = BLOCK_COLUMNS / 2u;
  let i = p.first_row + id / across * BLOCK_ROWS + invocation.lane / lanes * 4u;
  let j = id % across * BLOCK_COLUMNS + invocation.lane % lanes * 2u;
  // Only the lower half is wanted.
  if (j > i + 3u) { return; }
  let stride = p.stride;
  var s: Places;
  var t: Places;
  for (var row = 0u; row < p.groups * stride; row += stride) {
    let x0 = digits[row + i];
    let x1 = digits[row + i + 1u];
    let x2 = digits[row + i + 2u];
    let x3 = digits[row + i + 3u];
    let a0 = vec4u(x0.x, x1.x, x2.x, x3.x);
    let a1 = vec4u(x0.y, x1.y, x2.y, x3.y);
    let a2 = vec4u(x0.z, x1.z, x2.z, x3.z);
    let a3 = vec4u(x0.w, x1.w, x2.w, x3.w);
    s = add(s, a0, a1, a2, a3, digits[row + j]);
    t = add(t, a0, a1, a2, a3, digits[row + j + 1u]);
  }
  for (var q = 0u; q < 4u; q++) {
    store(i + q, j, s.s0[q], s.s1[q], s.s2[q], s.s3[q], s.s4[q], s.s5[q], s.s6[q]);
    store(i + q, j + 1u, t.s0[q], t.s1[q], t.s2[q], t.s3[q], t.s4[q], t.s5[q], t.s6[q]);
  }
}
