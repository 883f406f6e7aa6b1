// Long names where there is little room.

/**
 * A name with its middle left out, since names of runs differ at their ends.
 * @param {string} name
 * @param {number} most How many characters stay, the ellipsis among them.
 */
export function shortenMiddle(name, most = 22) {
  const letters = [...name];
  if (letters.length <= most) return name;
  const end = Math.floor((most - 1) / 2);
  const start = most - 1 - end;
  return `${letters.slice(0, start).join('')}…${letters.slice(letters.length - end).join('')}`;
}
