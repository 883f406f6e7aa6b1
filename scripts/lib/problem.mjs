/** A failure the user can act on: shown as its message alone, without a stack trace. */
export class Problem extends Error {}

/** Runs a script's main function; every way it can fail ends in a message and exit code 1. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof Problem ? `error: ${error.message}` : error);
    process.exit(1);
  }
}
