// Everything that Gate III counts, in one read of both tiles. An invocation takes CHUNKS times
// CHUNK_LENGTH elements, strided so that reads coalesce.
// gpu.rs declares the parameters p, DiffParams, and the constants.

// Single counts; distances from ULP_AT on; from ROWS_AT on rows, columns, magnitudes, changed
// magnitudes, and low and high limbs of the update by magnitude; then changed, non-finite, and low
// and high limbs of the update by cell.
@group(0) @binding(3) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;

fn ordered(code: u32) -> i32 {
  let magnitude = i32(code & 0x7fffu);
  return select(magnitude, -magnitude, (code & 0x8000u) != 0u);
}

fn distance_bin(a: u32, b: u32) -> u32 {
  let d = ordered(b) - ordered(a);
  let size = u32(abs(d));
  if (size == 0u) { return ULP_ZERO; }
  var j = 1u;
  if (size >= FAR) { j = ULP_ZERO; } else if (size > 1u) { j = 2u + firstLeadingBit(size - 1u); }
  return select(ULP_ZERO + j, ULP_ZERO - j, d < 0);
}

// |update| in units of 2^-UNIT_BITS as two limbs with a carry: there are no 64-bit atomics.
fn add_update(low_at: u32, high_at: u32, bits: u32) {
  let magnitude = min(bits & 0x7fffffffu, LARGEST_UPDATE);
  let mantissa = (magnitude & 0x7fffffu) | 0x800000u;
  let shift = i32(magnitude >> 23u) - 150 + i32(UNIT_BITS);
  var low = 0u;
  var high = 0u;
  if (shift >= 32) { high = mantissa << u32(shift - 32); }
  else if (shift > 0) { low = mantissa << u32(shift); high = mantissa >> u32(32 - shift); }
  else if (shift == 0) { low = mantissa; }
  else if (shift >= -24) { low = (mantissa + (1u << u32(-shift - 1))) >> u32(-shift); }
  let before = atomicAdd(&counts[low_at], low);
  if (before + low < before) { high += 1u; }
  if (high > 0u) { atomicAdd(&counts[high_at], high); }
}

@compute @workgroup_size(GROUP)
fn main(invocation: Invocation) {
  let group = group_of(invocation);
  if (group >= (p.elements + PER_GROUP - 1u) / PER_GROUP) { return; }
  let cols = p.columns;
  let column_at = ROWS_AT + p.rows;
  let magnitude_at = column_at + cols;
  let map_at = magnitude_at + 4u * MAGNITUDES;
  let cells = p.cells;
  var unchanged = 0u; var equal = 0u; var within = 0u; var stored = 0u;
  var hidden = 0u; var not_finite = 0u; var still = 0u;
  var most = 0u;
  var total = vec3f();
  for (var chunk = 0u; chunk < CHUNKS; chunk++) {
    var sum = vec3f();
    for (var t = 0u; t < CHUNK_LENGTH; t++) {
      let e = group * PER_GROUP + (chunk * CHUNK_LENGTH + t) * GROUP + invocation.lane;
      if (e >= p.elements) { break; }
      let a = base_bits(e);
      let b = tuned_bits(e);
      let same_bits = a == b;
      if (same_bits) { equal++; }
      let all_finite = finite(a) && finite(b);
      let same = unchanged_in_bf16(a, b, p.eta);
      // Weights of the same bits, most of them as a rule, add nothing to the map.
      var cell = 0u;
      if (!same_bits || !same) {
        cell = map_at + (p.first_row + e / cols) / p.cell_rows * p.map_columns
          + e % cols / p.cell_columns;
      }
      if (same) { unchanged++; } else {
        atomicAdd(&counts[ROWS_AT + p.first_row + e / cols], 1u);
        atomicAdd(&counts[column_at + e % cols], 1u);
        atomicAdd(&counts[cell], 1u);
      }
      if (!all_finite) { not_finite++; atomicAdd(&counts[cell + cells], 1u); continue; }
      let equal_value = same_bits || ((a | b) & 0x7fffffffu) == 0u;
      let x = bitcast<f32>(a);
      let d = bitcast<f32>(b) - x;
      // A difference that a device flushes to zero is still above a tolerance of zero.
      if (equal_value || (p.tolerance > 0.0 && abs(d) <= p.tolerance)) { within++; }
      if (equal_value || near(a, b, p.eta)) { stored++; }
      if (same && !equal_value) { hidden++; }
      let code = to_bf16(a);
      let bin = distance_bin(code, to_bf16(b));
      if (bin == ULP_ZERO) { still++; } else { atomicAdd(&counts[ULP_AT + bin], 1u); }
      let magnitude = magnitude_at + (code & 0x7fffu);
      atomicAdd(&counts[magnitude], 1u);
      if (!same) { atomicAdd(&counts[magnitude + MAGNITUDES], 1u); }
      sum += vec3f(x * x, d * d, x * d);
      let d_bits = bitcast<u32>(d) & 0x7fffffffu;
      if (d_bits != 0u) {
        most = max(most, d_bits);
        add_update(magnitude + 2u * MAGNITUDES, magnitude + 3u * MAGNITUDES, d_bits);
        add_update(cell + 2u * cells, cell + 3u * cells, d_bits);
      }
    }
    total += sum;
  }
  if (unchanged > 0u) { atomicAdd(&counts[UNCHANGED], unchanged); }
  if (equal > 0u) { atomicAdd(&counts[BIT_EQUAL], equal); }
  if (within > 0u) { atomicAdd(&counts[WITHIN], within); }
  if (stored > 0u) { atomicAdd(&counts[UNCHANGED_STORED], stored); }
  if (hidden > 0u) { atomicAdd(&counts[HIDDEN], hidden); }
  if (not_finite > 0u) { atomicAdd(&counts[NON_FINITE], not_finite); }
  if (still > 0u) { atomicAdd(&counts[ULP_AT + ULP_ZERO], still); }
  if (most > 0u) { atomicMax(&counts[MAX_UPDATE], most); }
  let own = number_of(invocation) * 3u;
  sums[own] += total.x;
  sums[own + 1u] += total.y;
  sums[own + 2u] += total.z;
}
