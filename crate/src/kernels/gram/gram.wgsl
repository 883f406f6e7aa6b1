// Partial sums of L^T R: one 4x4 piece over one group of rows per invocation, in chunks of 256
// rows. p0: rows, vec4s of a row of L and of R, groups; p1: rows of a group, first vec4 of this
// pair's output.
struct Params { p0: vec4u, p1: vec4u, p2: vec4u, p3: vec4u }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> L: array<vec4f>;
@group(0) @binding(2) var<storage, read> R: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> sums: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) w: vec3u,
  @builtin(num_workgroups) n: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let id = (w.y * n.x + w.x) * 64u + lane;
  let ls = p.p0.y;
  let rs = p.p0.z;
  if (id >= ls * rs * p.p0.w) { return; }
  let j = id % rs;
  let i = (id / rs) % ls;
  let g = id / (rs * ls);
  let from_row = g * p.p1.x;
  let to_row = min(from_row + p.p1.x, p.p0.x);
  var t0 = vec4f(); var t1 = vec4f(); var t2 = vec4f(); var t3 = vec4f();
  for (var start = from_row; start < to_row; start += 256u) {
    var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
    let end = min(start + 256u, to_row);
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
  let at = p.p1.y + (g * ls * 4u + i * 4u) * rs + j;
  sums[at] = t0;
  sums[at + rs] = t1;
  sums[at + 2u * rs] = t2;
  sums[at + 3u * rs] = t3;
}
