// The largest magnitude (f32 bits without the sign) in each column of A, the tile's rows or columns
// along the shorter side. One column over 64 of its elements per invocation. Magnitudes of finite
// values order as their bits do. p0: rows and columns of the tile, its first column of A, its
// columns of A.
struct Params { p0: vec4u, p1: vec4u, p2: vec4u, p3: vec4u }
@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> W: array<u32>;
@group(0) @binding(2) var<storage, read_write> largest: array<atomic<u32>>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) w: vec3u,
  @builtin(num_workgroups) n: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let id = (w.y * n.x + w.x) * 64u + lane;
  let length = select(p.p0.x, p.p0.y, WIDE);
  let start = id / p.p0.w * 64u;
  if (start >= length) { return; }
  let column = id % p.p0.w;
  let end = min(start + 64u, length);
  var most = 0u;
  for (var t = start; t < end; t++) {
    let e = select(t * p.p0.y + column, column * p.p0.y + t, WIDE);
    most = max(most, bits_of(W[word_index(e)], e) & 0x7fffffffu);
  }
  atomicMax(&largest[p.p0.z + column], most);
}
