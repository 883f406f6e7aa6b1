/**
 * What an error of any kind says; JavaScript can throw what is not an Error.
 *
 * @param {unknown} error
 */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/**
 * The code that Node gives its errors: ENOENT, EACCES and the like.
 *
 * @param {unknown} error
 */
export const codeOf = (error) =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

/** A failure the user can act on: shown as its message alone, without a stack trace. */
export class Problem extends Error {
  /** The exit status that it ends a script with. */
  status = 1;
}

/** A wrong option or argument. */
export class UsageProblem extends Problem {
  status = 2;
}

/**
 * Runs a script's main function; every way it can fail ends in a message and an exit status: that
 * of a problem, else 1.
 *
 * @param {() => Promise<void>} body
 */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof Problem ? `error: ${error.message}` : error);
    process.exit(error instanceof Problem ? error.status : 1);
  }
}
