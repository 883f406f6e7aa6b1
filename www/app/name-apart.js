// Names of which no two are equal.

/**
 * Equal names, such as checkpoint-100 of two runs, with their revisions or the part of the path
 * that differs. `folder` is the folder that the checkpoint is in.
 * @param {{ folder: string, name: string, revision?: string }[]} found
 * @returns {string[]}
 */
export function nameApart(found) {
  return found.map(({ name, folder, revision }) => {
    const twins = found.filter((other) => other.name === name);
    if (!name || twins.length < 2) return name;
    const revisions = new Set(twins.map((twin) => twin.revision));
    if (revision && revisions.size === twins.length) return `${name}@${revision.slice(0, 7)}`;
    /** @type {(at: string, count: number) => string} */
    const tail = (at, count) => at.split('/').filter(Boolean).slice(-count).join('/');
    const deepest = Math.max(...twins.map((twin) => twin.folder.split('/').length));
    for (let count = 1; count <= deepest; count += 1) {
      const tails = new Set(twins.map((twin) => tail(twin.folder, count)));
      if (tails.size === twins.length && tail(folder, count))
        return `${tail(folder, count)}/${name}`;
    }
    return name;
  });
}
