// The rules by which names of one side were changed to find their partners, a line each.
import { counted } from './format.js';

/** @import { Renaming } from './model.js' */

/** @param {string} text */
const quote = (text) => `“${text}”`;

/**
 * @param {Renaming} renaming
 */
export function describeRenaming({ side, from, to, tensors, example: [before, after] }) {
  const whose = side === 'base' ? 'the base' : 'the tuned checkpoint';
  const rule =
    from === ''
      ? `${quote(to)} is put before names`
      : to === ''
        ? `${quote(from)} is taken off names`
        : `${quote(from)} is read as ${quote(to)} in names`;
  return `${rule} of ${whose} (${counted(tensors, 'tensor')}): ${before} is compared as ${after}.`;
}

/**
 * @param {{ renamings?: Renaming[] }} run
 */
export const listRenamings = ({ renamings }) => (renamings ?? []).map(describeRenaming);
