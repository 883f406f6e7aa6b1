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

/** What PyTorch has zipped since version 1.6: a pickle and its data. */
const ZIPPED_PICKLE = /data\.pkl|\/data\/|byteorder/;

/**
 * Kinds by their first characters; `\x80` and a version is a pickle.
 * @type {[beginning: string, kind: Kind][]}
 */
const BEGINNINGS = [
  ['version https://git-lfs', 'lfs'],
  ['GGUF', 'gguf'],
  ['%PDF', 'pdf'],
  ['\x80\x02', 'torch'],
  ['\x80\x03', 'torch'],
  ['\x80\x04', 'torch'],
  ['\x80\x05', 'torch'],
  ['PK\x03\x04', 'zip'],
  ['\x1f\x8b', 'zip'],
  ['7z\xbc\xaf', 'zip'],
  ['\x28\xb5\x2f\xfd', 'zip'],
];

/**
 * @param {string} text
 * @returns {Kind}
 */
function findKind(text) {
  const kind = BEGINNINGS.find(([beginning]) => text.startsWith(beginning))?.[1];
  if (kind === 'zip' && ZIPPED_PICKLE.test(text)) return 'torch';
  if (kind) return kind;
  if (/^\s*<(!doctype|html|\?xml)/i.test(text)) return 'web_page';
  return /^\s*\{/.test(text) ? 'json' : 'unknown';
}

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
  return findKind(toText(head));
}

/**
 * Whether a file begins as safetensors do; false where it cannot be read.
 * @param {Blob} blob
 */
export async function beginsAsSafetensors(blob) {
  try {
    return (await sniff(blob)) === 'safetensors';
  } catch {
    return false;
  }
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
