// Means and medians that leave out what is undefined. Pure.

const known = (values) => values.filter((value) => value !== null && value !== undefined);

/** Null where nothing is defined. */
export function mean(values) {
  const held = known(values);
  return held.length ? held.reduce((a, b) => a + b, 0) / held.length : null;
}

/** Null where nothing is defined. */
export function median(values) {
  const ordered = known(values).sort((a, b) => a - b);
  if (!ordered.length) return null;
  const middle = (ordered.length - 1) / 2;
  return (ordered[Math.floor(middle)] + ordered[Math.ceil(middle)]) / 2;
}
