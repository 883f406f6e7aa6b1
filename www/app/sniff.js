// What a file is, by its first bytes: names are wrong too often.

/**
 * What a file is. `truncated`: a safetensors file that is shorter than its header claims. `lfs`: a
 * pointer that Git left in place of the file.
 * @typedef {'safetensors' | 'truncated' | 'lfs' | 'torch' | 'gguf' | 'pdf' | 'zip' | 'web_page'
 *   | 'json' | 'empty' | 'unknown'} Kind
 */

const HEAD_BYTES = 1024;
/** A header is kilobytes, that of many experts a few megabytes. */
const MOST_HEADER = 100_000_000;
/** A length that a damaged file may claim; a text claims more. */
const MOST_LENGTH = 2 ** 48;
const OPENING_BRACE = 0x7b;

/** @param {Uint8Array} bytes */
const toText = (bytes) => String.fromCharCode(...bytes);

/**
 * The length of a safetensors header; null where the file does not begin like one.
 * @param {Uint8Array} head
 */
function headerLength(head) {
  if (head.length < 9 || head[8] !== OPENING_BRACE) return null;
  return Number(new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true));
}

/**
 * Kinds that their first characters tell.
 * @type {[RegExp, Kind][]}
 */
const BEGINNINGS = [
  [/^version https:\/\/git-lfs/, 'lfs'],
  [/^GGUF/, 'gguf'],
  [/^%PDF/, 'pdf'],
  // PyTorch saves a zip of a pickle and its data, or (before 1.6) the pickle alone.
  [/^PK\x03\x04[^]*(data\.pkl|\/data\/|byteorder)/, 'torch'],
  [/^\x80[\x02-\x05]/, 'torch'],
  [/^PK\x03\x04|^\x1f\x8b|^7z\xbc\xaf|^\x28\xb5\x2f\xfd/, 'zip'],
  [/^\s*<(!doctype|html|\?xml)/i, 'web_page'],
  [/^\s*\{/, 'json'],
];

/**
 * @param {Blob} blob
 * @returns {Promise<Kind>}
 */
export async function sniff(blob) {
  if (!blob.size) return 'empty';
  const head = new Uint8Array(await blob.slice(0, HEAD_BYTES).arrayBuffer());
  const length = headerLength(head);
  // Asked first: the bytes of a length may be the beginning of anything. Eight characters of a text
  // make a length of 10^18.
  if (length !== null && length < MOST_LENGTH)
    return 8 + length <= blob.size ? 'safetensors' : 'truncated';
  const text = toText(head);
  return BEGINNINGS.find(([beginning]) => beginning.test(text))?.[1] ?? 'unknown';
}

/**
 * The header of a safetensors file; null where it cannot be read.
 * @param {Blob} blob
 * @returns {Promise<Record<string, unknown> | null>}
 */
export async function readHeader(blob) {
  const head = new Uint8Array(await blob.slice(0, 9).arrayBuffer());
  const length = headerLength(head);
  if (length === null || length > MOST_HEADER || 8 + length > blob.size) return null;
  return readJson(blob.slice(8, 8 + length));
}

/**
 * The object in a JSON file; null where it is none.
 * @param {Blob} blob
 * @returns {Promise<Record<string, unknown> | null>}
 */
export async function readJson(blob) {
  if (blob.size > MOST_HEADER) return null;
  try {
    const value = JSON.parse(await blob.text());
    return value && typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
