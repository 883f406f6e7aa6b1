// Partial sums of L^T R: one 4x4 piece over one group of rows per invocation, in chunks of rows.
// gpu.rs declares the parameters p, GramParams, and the constants.

@group(0) @binding(1) var<storage, read> L: array<vec4f>;
@group(0) @binding(2) var<storage, read> R: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> sums: array<vec4f>;

@compute @workgroup_size(GROUP)
fn main(invocation: Invocation) {
  let id = number_of(invocation);
  let ls = p.left_stride;
  let rs = p.right_stride;
  if (id >= ls * rs * p.groups) { return; }
  let j = id % rs;
  let i = (id / rs) % ls;
  let g = id / (rs * ls);
  let from_row = g * p.group_rows;
  let to_row = min(from_row + p.group_rows, p.rows);
  var t0 = vec4f(); var t1 = vec4f(); var t2 = vec4f(); var t3 = vec4f();
  for (var start = from_row; start < to_row; start += CHUNK) {
    var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
    let end = min(start + CHUNK, to_row);
    for (var r = start; r < end; r++) {
      let a = L[r * ls + i];
      let b = R[r * rs + j];
      s0 = fma(vec4f(a.x), b, s0);
      s1 = fma(vec4f(a.y), b, s1);
      s2 = fma(vec4f(a.z), b, s2);
      s3 = fma(vec4f(a.w), b, s3);
    }
    t0 += s0; t1 += s1; t2 += s2; t3 += s3;
  }
  let first = p.first + (g * ls * 4u + i * 4u) * rs + j;
  sums[first] = t0;
  sums[first + rs] = t1;
  sums[first + 2u * rs] = t2;
  sums[first + 3u * rs] = t3;
}
