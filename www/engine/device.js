// The device that a run's tensors go to: a lost GPU is tried again once, then the CPU takes over.
import { counted } from '../report/format.js';
import { messageOf } from '../report/message.js';

/** @import { BackendInfo } from '../report/model.js' */
/** @import { TaskAnswer } from './analyser.js' */

/** A device that is lost again is lost for the run. */
const MOST_LOSSES = 2;
/** A device that refuses so many tensors one after the other refuses all. */
const MOST_REFUSALS = 8;

/** The name that the analyser gives the error of a lost device. */
const LOST = 'DeviceLost';

/**
 * Whether an error says that the GPU is gone, or that a fresh worker got none any more.
 * @param {unknown} error
 */
export const isLoss = (error) => error instanceof Error && error.name === LOST;

/**
 * The same error as that of a lost device.
 * @param {unknown} error
 */
export const toLoss = (error) => Object.assign(new Error(messageOf(error)), { name: LOST });

/** The first line of a message, within a sentence. @param {string} text */
const withoutStop = (text) => text.trim().split('\n', 1)[0].replace(/\.$/, '');

/** @param {string | null} [why] */
const refused = (why) => `, as the GPU refused them (${withoutStop(why ?? '')})`;

/**
 * Follows the device of one run.
 * @param {BackendInfo} backend The one that was chosen.
 */
export function trackDevice(backend) {
  /** @type {string[]} */
  const losses = [];
  let refusals = 0;
  /** @type {'gpu' | 'cpu'} */
  let kind = backend.kind;
  /** Why the CPU computes what the GPU was to; null while it does not. @type {string | null} */
  let why = null;
  /** @param {string} reason */
  const giveUp = (reason) => {
    kind = 'cpu';
    why = reason;
  };
  return {
    kind: () => kind,
    /** @param {string} message */
    lose(message) {
      losses.push(withoutStop(message));
      if (losses.length >= MOST_LOSSES) giveUp(losses[0]);
    },
    /**
     * An answer with a word on who gave it.
     * @param {TaskAnswer} answer
     * @param {'gpu' | 'cpu'} by
     * @returns {TaskAnswer}
     */
    take(answer, by) {
      if (backend.kind === 'cpu') return answer;
      if (by === 'cpu') return { ...answer, onCpu: answer.onCpu ?? why };
      refusals = answer.onCpu ? refusals + 1 : 0;
      if (refusals >= MOST_REFUSALS && answer.onCpu) giveUp(answer.onCpu);
      return answer;
    },
    /**
     * The backend with what befell it.
     * @param {TaskAnswer[]} answers
     * @returns {BackendInfo}
     */
    describe(answers) {
      if (backend.kind === 'cpu') return backend;
      const onCpu = answers.filter((answer) => answer.onCpu);
      const parts = [backend.detail];
      if (losses.length)
        parts.push(
          `the GPU was lost ${losses.length === 1 ? 'once' : 'twice'} (${losses[0]})` +
            `${kind === 'cpu' ? ', and the CPU went on' : ', and a new device went on'}`,
        );
      if (onCpu.length)
        parts.push(
          `the CPU computed ${onCpu.length} of ${counted(answers.length, 'tensor')}${
            losses.length ? '' : refused(onCpu[0].onCpu)
          }`,
        );
      const detail = parts.join('; ');
      // What no GPU has computed is no report of a GPU.
      if (answers.length && onCpu.length === answers.length)
        return { ...backend, kind: 'cpu', adapter: null, detail };
      return { ...backend, detail };
    },
  };
}
