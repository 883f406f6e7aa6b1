import { parseArgs } from 'node:util';
import { Problem } from './problem.mjs';

/**
 * The `--port N` of a command line that takes nothing else. Node built-ins only: npm packages may
 * not be there yet.
 */
export function portOption(fallback) {
  let values;
  try {
    ({ values } = parseArgs({ options: { port: { type: 'string', default: String(fallback) } } }));
  } catch (error) {
    throw new Problem(error.message);
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Problem(`--port ${values.port} is not a port number.`);
  return port;
}
