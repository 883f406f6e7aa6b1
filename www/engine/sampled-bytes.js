// Bytes that tell a file from another of the same name, size, header and date. Small files are
// taken whole. Of large ones some are: the beginning and the end of as many tensors as there is
// room for, and places at even distances, since training moves weights everywhere.

/** Files that hold no more than this together are taken whole: their digest takes less than 1 s. */
const WHOLE_BYTES = 64 << 20;
const SAMPLE_BYTES = 4 << 10;
/** Of all files together: about a second of reads. */
const MOST_SAMPLES = 4096;
/** Of a file, also where there are thousands. */
const LEAST_SAMPLES = 8;
/** At even distances, where the file has no more room than for these. */
const EVEN_SAMPLES = 64;
/** Reads under way at once. */
const AT_ONCE = 16;

/**
 * @param {number} count
 * @param {number} most
 * @returns {number[]} Places below `count` at even distances, the first and the last among them.
 */
function spread(count, most) {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  if (most < 2) return [0];
  return Array.from({ length: most }, (_, i) => Math.floor((i * (count - 1)) / (most - 1)));
}

/**
 * The first byte of each tensor and that behind its last, from the start of the file; none where
 * the header cannot be read.
 * @param {ArrayBuffer} header With the eight bytes of its length.
 * @returns {[number, number][]}
 */
function readRanges(header) {
  try {
    const entries = JSON.parse(new TextDecoder().decode(header.slice(8)));
    return Object.values(entries)
      .map((entry) => entry?.data_offsets)
      .filter((ends) => Array.isArray(ends) && ends.every(Number.isSafeInteger))
      .map(([from, to]) => [header.byteLength + from, header.byteLength + to]);
  } catch {
    return [];
  }
}

/**
 * Where the samples of a file begin, ascending.
 * @param {number} size
 * @param {[number, number][]} ranges
 * @param {number} most
 */
function placeSamples(size, ranges, most) {
  const last = Math.max(0, size - SAMPLE_BYTES);
  const even = Math.min(EVEN_SAMPLES, Math.ceil(most / 2));
  const places = spread(last + 1, even);
  for (const i of spread(ranges.length, Math.floor((most - even) / 2)))
    places.push(ranges[i][0], ranges[i][1] - SAMPLE_BYTES);
  const inside = places.map((place) => Math.min(Math.max(0, place), last));
  return [...new Set(inside)].sort((a, b) => a - b);
}

/**
 * @param {Blob} blob
 * @param {number[]} places
 */
async function readSamples(blob, places) {
  const bytes = new Uint8Array(places.length * SAMPLE_BYTES);
  for (let done = 0; done < places.length; done += AT_ONCE)
    await Promise.all(
      places.slice(done, done + AT_ONCE).map(async (place, i) => {
        const sample = await blob.slice(place, place + SAMPLE_BYTES).arrayBuffer();
        bytes.set(new Uint8Array(sample), (done + i) * SAMPLE_BYTES);
      }),
    );
  return bytes;
}

/**
 * How many samples each of so many files has room for; null where all are taken whole.
 * @param {number} files
 * @param {number} bytes Of all files.
 */
export const shareSamples = (files, bytes) =>
  bytes <= WHOLE_BYTES
    ? null
    : Math.max(LEAST_SAMPLES, Math.floor(MOST_SAMPLES / Math.max(1, files)));

/**
 * Bytes of a file that tell it from others: the whole where `most` is null, else so many samples.
 * @param {Blob} blob
 * @param {ArrayBuffer} header
 * @param {number | null} most
 * @returns {Promise<BufferSource>}
 */
export const sampleBytes = (blob, header, most) =>
  most === null
    ? blob.arrayBuffer()
    : readSamples(blob, placeSamples(blob.size, readRanges(header), most));
