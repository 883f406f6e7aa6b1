// What is wrong with a file that cannot be used, and what to do, each in one line.
import { bytes, enumerate } from '../report/format.js';

/** @import { Kind } from './sniff.js' */

const MOST_NAMES = 4;

/** @param {string} name */
const quote = (name) => `“${name}”`;

/** @param {string[]} names */
function listNames(names) {
  const shown = names.slice(0, MOST_NAMES);
  const rest = names.length - shown.length;
  return `${shown.join(', ')}${rest ? ` and ${rest} more` : ''}`;
}

const CONVERT =
  'Gatescope reads safetensors only: in Python, ' +
  'AutoModelForCausalLM.from_pretrained("FOLDER").save_pretrained("NEW", ' +
  'safe_serialization=True) converts it.';

/**
 * Shards that ranks of a training saved, by their names, and what joins them.
 * @type {[name: RegExp, sentence: string][]}
 */
const SHARDS = [
  [
    /\.distcp$/i,
    'These are shards of torch.distributed.checkpoint (FSDP), one a rank: “accelerate ' +
      'merge-weights FOLDER OUT” joins them to safetensors.',
  ],
  [
    /_world_size_\d+_rank_\d+\.pt$/i,
    'These are shards of FSDP, one a rank: verl’s “python -m verl.model_merger merge --backend ' +
      'fsdp --local_dir FOLDER --target_dir OUT” joins them to safetensors.',
  ],
  [
    /^(bf16_)?(zero_pp_rank|mp_rank)_.*\.pt$/i,
    'These are shards of DeepSpeed ZeRO: “python zero_to_fp32.py . OUT --safe_serialization”, ' +
      'which DeepSpeed puts beside them, joins them to safetensors.',
  ],
];

/**
 * By what a file is. A file that is called .safetensors and is none.
 * @type {Record<Exclude<Kind, 'safetensors'>, string>}
 */
const WORDS = {
  lfs: 'is a Git LFS pointer, not the weights. Run “git lfs pull” in its folder and give it again.',
  truncated: 'is truncated: it is shorter than its header claims. Download it again.',
  torch: `is a PyTorch pickle. ${CONVERT}`,
  gguf:
    'is a GGUF file, quantised for inference. Give the safetensors checkpoint that it was made ' +
    'from.',
  pdf: 'is a PDF. Give a checkpoint’s folder or its .safetensors files.',
  zip: 'is an archive. Unpack it and give the folder.',
  web_page:
    'is a web page, most likely an error or a sign-in page saved in place of the weights. ' +
    'Download it again.',
  json: 'is a JSON file and holds no weights.',
  empty: 'is empty: 0 bytes. Its download may have failed.',
  unknown: 'is not a safetensors file.',
};

/**
 * @param {string} name
 * @param {Exclude<Kind, 'safetensors'>} kind
 * @param {number} size
 */
export const explainFile = (name, kind, size) =>
  `${quote(name)}${kind === 'truncated' ? `, ${bytes(size)},` : ''} ${WORDS[kind]}`;

/**
 * Why nothing in a folder (or among single files, where `folder` is empty) can be used.
 * @param {string} folder
 * @param {{ name: string, kind: Kind | null }[]} found `kind` is null where the file was not
 * looked into.
 */
export function explainNothing(folder, found) {
  const single = found.length === 1 && !folder ? found[0] : null;
  if (single) {
    const { name, kind } = single;
    return kind && kind !== 'safetensors' && kind !== 'unknown'
      ? explainFile(name, kind, 0)
      : `${quote(name)} is not a checkpoint. Give a folder or .safetensors files.`;
  }
  if (!found.length) return explainEmptyFolder(folder);
  const where = folder ? ` in ${quote(folder)}` : '';
  const names = listNames(found.map(({ name }) => name));
  const kinds = new Set(found.map(({ kind }) => kind));
  const shards = SHARDS.find(([pattern]) => found.some(({ name }) => pattern.test(name)));
  if (shards) return `No .safetensors file${where} (found: ${names}). ${shards[1]}`;
  const what = kinds.has('torch')
    ? `These are PyTorch pickles. ${CONVERT}`
    : kinds.has('gguf')
      ? 'GGUF is quantised for inference: give the safetensors checkpoint it was made from.'
      : kinds.has('zip')
        ? 'Unpack the archive and give the folder.'
        : 'Give a checkpoint’s folder or its .safetensors files.';
  return `No .safetensors file${where} (found: ${names}). ${what}`;
}

/** A revision of a Hub cache, whose files are links. @param {string} folder */
const isSnapshot = (folder) => /(^|\/)(snapshots(\/[^/]+)?|[0-9a-f]{40})$/.test(folder);

/** @param {string} folder */
export const explainEmptyFolder = (folder) =>
  isSnapshot(folder)
    ? `${quote(folder.split('/').slice(-2).join('/'))}: its files are links, and browsers do not ` +
      'follow links in folders. Select the files inside it, or drop the whole folder models--….'
    : `${quote(folder)} is empty, or holds only links, which browsers do not follow in folders. ` +
      'Select the files inside it instead.';

/**
 * @param {string} name
 * @param {number} revisions
 */
export const explainRevisions = (name, revisions) =>
  `The cache of ${quote(name)} holds the same tensors more than once` +
  `${revisions > 1 ? ` (${revisions} revisions)` : ''}, and its files have no names. Select the ` +
  'files inside snapshots/<revision> instead.';

/** @param {string[]} names Those of checkpoints that one row was given. */
export const explainSeveral = (names) =>
  `${names.length} checkpoints were given: each is a run of its own ` +
  `(${enumerate(names.map((name) => name || 'one without a name'))}).`;

/** @param {string[][]} sets The names of files that cannot be of one checkpoint. */
export const warnOfSets = (sets) =>
  `Used as one checkpoint because they were given together: ` +
  `${enumerate(sets.map((names) => quote(names[0])))} look like ${sets.length}.`;
