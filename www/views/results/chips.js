// The runs as chips in their colours: a click on a name brings a run into focus, its mark shows or
// hides it, Alt and a click show it alone.
import { h } from '../../dom/elements.js';
import { choose, soloRun, toggleRun } from '../parts/view.js';
import { runColour, runLetter } from '../../report/run-colours.js';
import { shortenMiddle } from '../../report/short-name.js';

/** @import { State } from '../../app/state.js' */

/**
 * @param {string} name
 * @param {number} place
 * @param {State} state
 */
function chip(name, place, { runs, run }) {
  const isShown = runs.includes(place);
  const isLast = isShown && runs.length === 1;
  /** @param {(place: number) => void} act */
  const click = (act) => (/** @type {MouseEvent} */ event) =>
    event.altKey ? soloRun(place) : act(place);
  return h(
    'span',
    {
      class: `chip${isShown ? '' : ' off'}${place === run ? ' focused' : ''}`,
      style: `--run: ${runColour(place)}`,
    },
    h(
      'button',
      {
        type: 'button',
        class: 'chip-mark',
        id: `run-show-${place}`,
        'aria-pressed': String(isShown),
        'aria-label': `Show ${name} (${runLetter(place)})`,
        'aria-disabled': isLast ? 'true' : null,
        title: isLast ? 'The only run that is shown' : `${isShown ? 'Hide' : 'Show'} ${name}`,
        onclick: click(toggleRun),
      },
      runLetter(place),
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'chip-name',
        id: `run-chip-${place}`,
        'aria-pressed': String(place === run),
        'aria-label': `Focus ${name}`,
        title: `${name}\nAlt and a click show it alone`,
        onclick: click(() => choose({ run: place })),
      },
      shortenMiddle(name),
    ),
  );
}

/** @param {State} state */
export const runChips = (state) =>
  h(
    'div',
    { class: 'chips', role: 'group', 'aria-label': 'Runs' },
    state.report?.runs.map(({ checkpoint }, place) => chip(checkpoint.name, place, state)),
  );
