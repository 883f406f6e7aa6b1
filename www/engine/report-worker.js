// The worker that reads a report, so that a long one does not hold up the page. Its one request
// { id, args: [blob] } is answered by chunks { id, progress } and then { id, value | error }.
import { readReport } from '../report/read.js';
import { holdLock } from './hold-lock.js';
import { messageOf } from '../report/message.js';

/** @typedef {{ id: number, args: [Blob], lock?: string }} Request */

addEventListener('message', async (/** @type {MessageEvent<Request>} */ { data }) => {
  const { id, args, lock } = data;
  if (lock) return holdLock(lock);
  try {
    const value = await readReport(args[0], (progress) => postMessage({ id, progress }));
    return postMessage({ id, value });
  } catch (error) {
    return postMessage({ id, error: messageOf(error) });
  }
});
