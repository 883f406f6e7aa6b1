// Y (+)= W X, or W^T X where TRANSPOSE; W is A, or B - A where DIFFERENCE. No barriers: they cost
// 13x on software devices. Each invocation: four rows of Y by one vec4 of its columns. Y starts at
// zero; the transposed product goes on where the last tile ended, so that tiles of whole chunks
// change no sum. p0: rows and columns of the tile, vec4s of a row of X; p1: first row of the tile
// in W.
struct Params { p0: vec4u, p1: vec4u, p2: vec4u, p3: vec4u }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> A: array<u32>;
@group(0) @binding(2) var<storage, read> B: array<u32>;
@group(0) @binding(3) var<storage, read> X: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> Y: array<vec4f>;

fn weight(e: u32) -> f32 {
  let i = word_index(e);
  let b = bitcast<f32>(bits_of(B[i], e));
  if (DIFFERENCE) { return b - bitcast<f32>(bits_of(A[i], e)); }
  return b;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) w: vec3u,
  @builtin(num_workgroups) n: vec3u,
  @builtin(local_invocation_index) l: u32,
) {
  let id = (w.y * n.x + w.x) * 64u + l;
  let rows = p.p0.x;
  let cols = p.p0.y;
  let stride = p.p0.z;
  let first = p.p1.x;
  let outputs = select(rows, cols, TRANSPOSE);
  let length = select(cols, rows, TRANSPOSE);
  let quads = (outputs + 3u) / 4u;
  if (id >= quads * stride) { return; }
  // Lanes go along what lies side by side in W (transposed) or in X.
  let quad = select(id / stride, id % quads, TRANSPOSE) * 4u;
  let column = select(id % stride, id / quads, TRANSPOSE);
  var total: array<vec4f, 4>;
  // Past the edge the last row is computed again and not written.
  let o = min(vec4u(quad, quad + 1u, quad + 2u, quad + 3u), vec4u(outputs - 1u));
  if (TRANSPOSE) {
    for (var i = 0u; i < 4u; i++) { total[i] = Y[o[i] * stride + column]; }
  }
  for (var start = 0u; start < length; start += 256u) {
    var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
    let end = min(start + 256u, length);
    for (var t = start; t < end; t++) {
      let at = select(o * cols + vec4u(t), o + vec4u(t * cols), TRANSPOSE);
      let x = X[(t + select(0u, first, TRANSPOSE)) * stride + column];
      s0 = fma(vec4f(weight(at.x)), x, s0);
      s1 = fma(vec4f(weight(at.y)), x, s1);
      s2 = fma(vec4f(weight(at.z)), x, s2);
      s3 = fma(vec4f(weight(at.w)), x, s3);
    }
    total[0] += s0; total[1] += s1; total[2] += s2; total[3] += s3;
  }
  for (var i = 0u; i < 4u; i++) {
    if (quad + i >= outputs) { break; }
    let at = (quad + i + select(first, 0u, TRANSPOSE)) * stride + column;
    Y[at] = total[i];
  }
}
