// Finds the tensors in a report's bytes without parsing the whole: a report may be longer than a
// string can be, and its objects would fill the memory. Each entry of `runs[].tensors` and of
// `overlaps` is told with its place in the file; what is left is the report around them.

/**
 * An entry as it stands in the file.
 * @typedef {object} Found
 * @property {'tensors' | 'overlaps'} list
 * @property {number} run The place of its run; -1 of overlaps, which no run has.
 * @property {string} text
 * @property {number} from The place of its first byte.
 * @property {number} to The place behind its last byte.
 */

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;

/** A space, or the other white space of JSON. @param {number} byte */
const isSpace = (byte) => byte === 32 || byte === 9 || byte === 10 || byte === 13;

/** No key that is looked for is longer. */
const LONGEST_KEY = 16;

/** Outside entries; between the entries of a list; within one. */
const AROUND = 0;
const BETWEEN = 1;
const WITHIN = 2;

export class ReportScanner {
  /** @param {(found: Found) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  #tell;
  #decoder = new TextDecoder();
  /** The place in the file of the next bytes. */
  #offset = 0;
  #mode = AROUND;
  #inString = false;
  #escaped = false;
  /** Brackets that are open around this place; within an entry those of the entry alone. */
  #depth = 0;
  #inner = 0;
  /** The last string that may be a key, as bytes. @type {number[]} */
  #key = [];
  #inRuns = false;
  #run = -1;
  /** @type {Found['list']} */
  #list = 'tensors';
  #from = 0;
  /** Bytes of the entry under way that came before these. @type {Uint8Array[]} */
  #parts = [];
  /** Bytes of the report around the entries. @type {Uint8Array[]} */
  #around = [];

  /**
   * Reads on; the bytes must stay as they are until the next ones come.
   * @param {Uint8Array<ArrayBuffer>} bytes
   */
  push(bytes) {
    let at = 0;
    while (at < bytes.length) {
      if (this.#mode === WITHIN) at = this.#readEntry(bytes, at);
      else if (this.#mode === BETWEEN) at = this.#readGap(bytes, at);
      else at = this.#readAround(bytes, at);
    }
    this.#offset += bytes.length;
  }

  /** The report around the entries, whose lists are empty there. */
  finish() {
    return this.#decoder.decode(joinBytes(this.#around));
  }

  /**
   * Nearly all bytes of a report pass here, so that the state is in variables of its own.
   * @param {Uint8Array} bytes
   * @param {number} start
   */
  #readEntry(bytes, start) {
    let [at, inner, inString, escaped] = [start, this.#inner, this.#inString, this.#escaped];
    while (at < bytes.length) {
      const byte = bytes[at++];
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) inString = true;
      // Digits, commas and the like.
      else if (byte < OPEN_LIST) continue;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) inner += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        inner -= 1;
        if (inner) continue;
        this.#finishEntry(bytes.subarray(start, at), this.#offset + at);
        return at;
      }
    }
    this.#inner = inner;
    this.#inString = inString;
    this.#escaped = escaped;
    // The next bytes may come in the same memory.
    this.#parts.push(bytes.slice(start));
    return at;
  }

  /**
   * @param {Uint8Array} last
   * @param {number} to
   */
  #finishEntry(last, to) {
    const all = this.#parts.length ? joinBytes([...this.#parts, last]) : last;
    this.#parts = [];
    this.#mode = BETWEEN;
    this.#inString = false;
    const run = this.#list === 'tensors' ? this.#run : -1;
    const text = this.#decoder.decode(all);
    this.#tell({ list: this.#list, run, text, from: this.#from, to });
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} at
   */
  #readGap(bytes, at) {
    const byte = bytes[at];
    if (byte === OPEN_OBJECT) {
      this.#mode = WITHIN;
      this.#inner = 0;
      this.#from = this.#offset + at;
      return at;
    }
    if (byte === COMMA || isSpace(byte)) return at + 1;
    // The end of the list, or what does not belong there: both belong to the report around it.
    this.#mode = AROUND;
    return at;
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} start
   */
  #readAround(bytes, start) {
    let at = start;
    while (at < bytes.length && this.#mode === AROUND) {
      const byte = bytes[at++];
      if (this.#inString) this.#readKey(byte);
      else if (byte === QUOTE) {
        this.#inString = true;
        this.#key = [];
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#open(byte);
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#depth -= 1;
      if (this.#depth === 1) this.#inRuns = false;
    }
    this.#around.push(bytes.slice(start, at));
    return at;
  }

  /** @param {number} byte */
  #readKey(byte) {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
    else if (this.#key.length < LONGEST_KEY) this.#key.push(byte);
  }

  /** @param {number} byte */
  #open(byte) {
    const outside = this.#depth;
    this.#depth += 1;
    if (byte === OPEN_OBJECT) {
      if (this.#inRuns && outside === 2) this.#run += 1;
      return;
    }
    const key = String.fromCharCode(...this.#key);
    if (outside === 1 && key === 'runs') this.#inRuns = true;
    else if (outside === 1 && key === 'overlaps') this.#begin('overlaps');
    else if (this.#inRuns && outside === 3 && key === 'tensors') this.#begin('tensors');
  }

  /** @param {Found['list']} list */
  #begin(list) {
    this.#list = list;
    this.#mode = BETWEEN;
  }
}

/** @param {Uint8Array[]} parts */
function joinBytes(parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
