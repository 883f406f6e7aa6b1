import { parseArgs } from 'node:util';
import { Problem, messageOf } from './problem.mjs';

/**
 * The `--port N` of a command line that takes nothing else. Node built-ins only: npm packages may
 * not be there yet.
 *
 * @param {number} fallback
 */
export function portOption(fallback) {
  let values;
  try {
    ({ values } = parseArgs({ options: { port: { type: 'string', default: String(fallback) } } }));
  } catch (error) {
    throw new Problem(messageOf(error));
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Problem(`--port ${values.port} is not a port number.`);
  return port;
}
