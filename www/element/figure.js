// The figure in an element: a panel with its style sheets, and below it where its values come from.
import { h } from '../dom/elements.js';
import { redrawKeepingFocus } from '../dom/redraw.js';
import { runsIn, sourceLine } from '../exports/source.js';
import { PANELS } from '../panels/index.js';
import { loadRest } from '../panels/rest.js';
import { frameSheets, panelSheets } from './sheets.js';
import { loadTexts } from './texts.js';

/** @import { Choose, Panel, View } from '../panels/view.js' */

/** Panels that explain a metric by its texts. */
const EXPLAINED = new Set(['heatmap', 'table']);

/** Names of the figures that can be shown. */
export const knownFigures = () => Object.keys(PANELS);

export class Figure {
  #panel = h('div', { class: 'panel', part: 'panel', tabIndex: 0 });
  #source = h('p', { class: 'source', part: 'source' });
  element = h('div', { class: 'figure', part: 'figure', hidden: true }, this.#panel, this.#source);
  /** The panel that is loaded, and its name. @type {Panel | null} */
  #draw = null;
  #name = '';
  #explained = false;

  /** @param {Choose} choose */
  constructor(choose) {
    this.choose = choose;
  }

  /**
   * Loads a panel with its sheets, unless it is the one that is there.
   * @param {string} name
   * @param {ShadowRoot | null} root Of the element.
   * @param {() => boolean} isStale
   */
  async load(name, root, isStale) {
    if (this.#name === name && this.#draw) return;
    const [draw, sheets] = await Promise.all([PANELS[name](), panelSheets(name, knownFigures())]);
    if (isStale()) return;
    [this.#draw, this.#name] = [draw, name];
    if (root) root.adoptedStyleSheets = [...frameSheets(), ...sheets];
  }

  /**
   * Draws the panel for a view, in the room that there is.
   * @param {Omit<View, 'width'>} view
   */
  draw(view) {
    const draw = this.#draw;
    if (!draw) return;
    const fill = () => {
      const room = this.#panel.clientWidth;
      if (room) this.#panel.replaceChildren(draw({ ...view, width: room }, this.choose));
      return room;
    };
    redrawKeepingFocus(this.#panel, () => {
      // A scroll bar that the panel needs takes some of its width.
      if (fill() !== this.#panel.clientWidth) fill();
    });
    const source = sourceLine(view.report, runsIn(this.#name, view));
    this.#panel.setAttribute('aria-label', `Figure of ${source}`);
    this.#panel.setAttribute('role', 'group');
    this.#source.textContent = source;
  }

  /** Loads what explains the panel, once it is seen; tells whether there is something new. */
  async explain() {
    if (!EXPLAINED.has(this.#name) || this.#explained) return false;
    await new Promise((resolve) => {
      setTimeout(resolve);
    });
    try {
      await Promise.all([loadTexts(), loadRest(this.#name)]);
      return (this.#explained = true);
    } catch {
      // The figure stands without; the next time it is drawn anew, they are asked for again.
      return false;
    }
  }

  /** Takes away what is drawn. */
  clear() {
    this.#panel.replaceChildren();
  }
}
