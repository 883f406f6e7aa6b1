// Put before the kernels that read base and tuned weights of one tile.

@group(0) @binding(1) var<storage, read> base: array<u32>;
@group(0) @binding(2) var<storage, read> tuned: array<u32>;

// f32 bits of element e of the base.
fn base_bits(e: u32) -> u32 { return bits_of(base[word_index(e)], e); }

// f32 bits of element e of the tuned matrix.
fn tuned_bits(e: u32) -> u32 { return bits_of(tuned[word_index(e)], e); }
