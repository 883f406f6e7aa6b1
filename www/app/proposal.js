// What a proposal of k is made of before a run: the sides of the matrices that are known by then.

/**
 * The shorter sides of matrices.
 * @param {{ shape: number[] }[]} tasks
 */
export const shorterSides = (tasks) =>
  tasks.flatMap(({ shape }) =>
    shape.length === 2 && Math.min(...shape) > 1 ? [Math.min(...shape)] : [],
  );
