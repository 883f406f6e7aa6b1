// What a proposal of k is made of before a run: the sides of the matrices that are known by then.

/**
 * The shorter sides of matrices that have singular values.
 * @param {{ shape: number[], has_spectrum: boolean }[]} tasks
 */
export const shorterSides = (tasks) =>
  tasks.flatMap(({ shape, has_spectrum: hasSpectrum }) =>
    hasSpectrum && Math.min(...shape) > 1 ? [Math.min(...shape)] : [],
  );
