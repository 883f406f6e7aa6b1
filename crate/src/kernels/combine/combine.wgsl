// out += block C: four rows by one vec4 of columns per invocation, in chunks of 256 terms.
// p0: rows, columns of the block, vec4s of its rows, vec4s of a row of out.
struct Params { p0: vec4u, p1: vec4u, p2: vec4u, p3: vec4u }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> block: array<f32>;
@group(0) @binding(2) var<storage, read> C: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) w: vec3u,
  @builtin(num_workgroups) n: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let id = (w.y * n.x + w.x) * 64u + lane;
  let rows = p.p0.x;
  let os = p.p0.w;
  if (id >= ((rows + 3u) / 4u) * os) { return; }
  let row = (id / os) * 4u;
  let column = id % os;
  let width = p.p0.z * 4u;
  let at = min(vec4u(row, row + 1u, row + 2u, row + 3u), vec4u(rows - 1u)) * width;
  var total: array<vec4f, 4>;
  for (var start = 0u; start < p.p0.y; start += 256u) {
    var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
    let end = min(start + 256u, p.p0.y);
    for (var t = start; t < end; t++) {
      let c = C[t * os + column];
      s0 = fma(vec4f(block[at.x + t]), c, s0);
      s1 = fma(vec4f(block[at.y + t]), c, s1);
      s2 = fma(vec4f(block[at.z + t]), c, s2);
      s3 = fma(vec4f(block[at.w + t]), c, s3);
    }
    total[0] += s0; total[1] += s1; total[2] += s2; total[3] += s3;
  }
  for (var i = 0u; i < 4u; i++) {
    if (row + i < rows) { out[(row + i) * os + column] += total[i]; }
  }
}
