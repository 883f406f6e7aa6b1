// out += block C: four rows by one vec4 of columns per invocation, in chunks of terms.
// gpu.rs declares the parameters p, CombineParams, and the constants.

@group(0) @binding(1) var<storage, read> block: array<f32>;
@group(0) @binding(2) var<storage, read> C: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(GROUP)
fn main(invocation: Invocation) {
  let id = number_of(invocation);
  let rows = p.rows;
  let os = p.out_stride;
  if (id >= ((rows + 3u) / 4u) * os) { return; }
  let row = (id / os) * 4u;
  let column = id % os;
  let width = p.stride * 4u;
  let first = min(vec4u(row, row + 1u, row + 2u, row + 3u), vec4u(rows - 1u)) * width;
  var total: array<vec4f, 4>;
  for (var start = 0u; start < p.terms; start += CHUNK) {
    var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
    let end = min(start + CHUNK, p.terms);
    for (var t = start; t < end; t++) {
      let c = C[t * os + column];
      s0 = fma(vec4f(block[first.x + t]), c, s0);
      s1 = fma(vec4f(block[first.y + t]), c, s1);
      s2 = fma(vec4f(block[first.z + t]), c, s2);
      s3 = fma(vec4f(block[first.w + t]), c, s3);
    }
    total[0] += s0; total[1] += s1; total[2] += s2; total[3] += s3;
  }
  for (var i = 0u; i < 4u; i++) {
    if (row + i < rows) { out[(row + i) * os + column] += total[i]; }
  }
}
