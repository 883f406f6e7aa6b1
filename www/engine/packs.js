// The answers of finished tasks, off the page's memory: a long run has more text than a page should
// hold, and the browser may put a Blob on its disk.

/** @import { TaskAnswer } from './analyser.js' */

/** Characters that are gathered before they become a Blob. */
const MOST_CHARACTERS = 4 << 20;

/**
 * The texts of many answers, one a line.
 * @typedef {{ blob: Blob }} Pack
 */

/** Packs the texts of answers as they come, many together. What fails is not packed. */
export class Packs {
  #most;
  /** @type {TaskAnswer[]} */
  #open = [];
  #characters = 0;

  /** @param {{ most?: number }} [options] */
  constructor({ most = MOST_CHARACTERS } = {}) {
    this.#most = most;
  }

  /**
   * Takes an answer, whose text becomes that of a pack sooner or later.
   * @param {TaskAnswer} answer
   */
  add(answer) {
    if (answer.failed || typeof answer.results !== 'string') return;
    this.#open.push(answer);
    this.#characters += answer.results.length;
    if (this.#characters >= this.#most) this.#close();
  }

  #close() {
    // JSON has no line breaks of its own.
    const lines = this.#open.map(({ results }) => `${results}\n`);
    const pack = { blob: new Blob(lines) };
    for (const answer of this.#open) answer.results = pack;
    this.#open = [];
    this.#characters = 0;
  }
}

/**
 * The texts of answers, each once, as they are handed to a worker.
 * @param {TaskAnswer[]} answers All those of each pack.
 */
export const listTexts = (answers) => [
  ...new Set(answers.map(({ results }) => (typeof results === 'string' ? results : results.blob))),
];

/**
 * Tells the text of each answer, one after the other.
 * @param {(string | Blob)[]} texts
 * @param {(text: string) => void} tell
 */
export async function readTexts(texts, tell) {
  for (const one of texts) {
    if (typeof one === 'string') tell(one);
    else for (const line of (await one.text()).split('\n')) if (line) tell(line);
  }
}
