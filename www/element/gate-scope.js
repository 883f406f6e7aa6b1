// <gate-scope>: one figure of a report on anybody's page. docs/embedding.md has its attributes,
// properties, events, parts and colours.
import { h } from '../dom/elements.js';
import { redrawKeepingFocus } from '../dom/redraw.js';
import { runsIn, sourceLine } from '../exports/source.js';
import { PANELS } from '../panels/index.js';
import { loadRest } from '../panels/rest.js';
import { enumerate } from '../report/format.js';
import { readWholeReport } from '../report/read-whole.js';
import { borrowReport } from './reports.js';
import { frameSheets, panelSheets } from './sheets.js';
import { loadTexts } from './texts.js';
import { readView } from './view.js';
import { messageOf } from '../report/message.js';

/** @import { Report } from '../report/model.js' */
/** @import { Choose, Panel, View } from '../panels/view.js' */

/** Attributes that are properties of the same name, too. */
const ATTRIBUTES = /** @type {const} */ ([
  'src',
  'figure',
  'metric',
  'run',
  'tensor',
  'alpha',
  'filter',
  'arrangement',
  'theme',
  'loading',
  'poster',
]);

/** Panels that explain a metric by its texts. */
const EXPLAINED = new Set(['heatmap', 'table']);

/** What reads a filter comes with the first one. */
const loadFilters = () => import('../report/filter-lists.js');

/** How far below the window a lazy figure begins to load. */
const AHEAD = '300px';

/** Where there is no DOM the module can be imported all the same. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/**
 * What is shown, and its end.
 * @typedef {{ of: string | object, report: Promise<Report>, release: () => void }} Loan
 */

export class GateScope extends Base {
  static observedAttributes = [...ATTRIBUTES];

  /** Elements whose figure is not known here. @type {Set<GateScope>} */
  static #unknown = new Set();

  /**
   * Takes the figures of another copy of this module: that of a fragment has not all.
   * @param {typeof PANELS} panels
   */
  static add(panels) {
    Object.assign(PANELS, panels);
    for (const element of GateScope.#unknown) element.#plan();
    GateScope.#unknown.clear();
  }

  #panel = h('div', { class: 'panel', part: 'panel', tabIndex: 0 });
  #source = h('p', { class: 'source', part: 'source' });
  #figure = h('div', { class: 'figure', part: 'figure', hidden: true }, this.#panel, this.#source);
  #poster = h('img', { part: 'poster', alt: '', hidden: true });
  #slot = h('slot', { onslotchange: () => this.#showStill() });
  #still = h('div', { class: 'still', part: 'still' }, this.#poster, this.#slot);
  #status = h('p', { class: 'message', part: 'status', hidden: true });
  #alert = h('p', { class: 'message alert', part: 'alert', role: 'alert', hidden: true });

  /** @type {object | null} Given as a property. */
  #given = null;
  /** @type {Loan | null} */
  #loan = null;
  /** @type {Report | null} */
  #report = null;
  /** @type {Omit<View, 'width'> | null} */
  #view = null;
  /** @type {Panel | null} */
  #draw = null;
  /** The name of the panel that `#draw` is of. */
  #drawn = '';
  #explained = false;
  #near = false;
  #planned = false;
  /** Tells an answer from one to an earlier question. */
  #turn = 0;
  #width = 0;
  /** @type {(() => void)[]} What ends when the element leaves the page. */
  #ends = [];

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = frameSheets();
    root.append(this.#still, this.#figure, this.#status, this.#alert);
  }

  /** The report, where it is given and not fetched: an object as report.json has it. */
  get report() {
    return this.#given;
  }

  set report(report) {
    this.#given = report ?? null;
    this.#plan();
  }

  /** What is shown now; null before. */
  get view() {
    return this.#view && { ...this.#view };
  }

  connectedCallback() {
    // A property that was set before the element was defined hides the one of the class.
    for (const name of /** @type {const} */ ([...ATTRIBUTES, 'report']))
      if (Object.hasOwn(this, name)) {
        const host = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (this));
        const value = host[name];
        delete host[name];
        host[name] = value;
      }
    this.#near = this.getAttribute('loading') !== 'lazy';
    if (!this.#near) this.#waitUntilNear();
    const sizes = new ResizeObserver(() => this.#resize());
    sizes.observe(this);
    this.#ends.push(() => sizes.disconnect());
    // Charts follow the theme by themselves; maps of pixels have to be drawn again.
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => this.#redraw();
    dark.addEventListener('change', redraw);
    this.#ends.push(() => dark.removeEventListener('change', redraw));
    // While the page is read, the children with a report may still be to come.
    if (document.readyState === 'loading') {
      const parsed = () => this.#plan();
      document.addEventListener('DOMContentLoaded', parsed, { once: true });
      this.#ends.push(() => document.removeEventListener('DOMContentLoaded', parsed));
    }
    this.#showStill();
    this.#plan();
  }

  disconnectedCallback() {
    for (const end of this.#ends.splice(0)) end();
    this.#turn += 1;
    this.#loan?.release();
    this.#loan = null;
    this.#report = null;
    this.#panel.replaceChildren();
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} after
   */
  attributeChangedCallback(name, before, after) {
    if (before === after || !this.isConnected) return;
    if (name === 'loading' && after !== 'lazy') this.#near = true;
    if (name === 'poster') return this.#showStill();
    // What an author sets anew counts before what the reader chose.
    if (name !== 'theme' && name !== 'loading') this.#view = null;
    return this.#plan();
  }

  #waitUntilNear() {
    const seen = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        seen.disconnect();
        this.#near = true;
        this.#plan();
      },
      { rootMargin: AHEAD },
    );
    seen.observe(this);
    this.#ends.push(() => seen.disconnect());
  }

  /** Attributes often change together: one update for all of them. */
  #plan() {
    if (this.#planned) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      if (this.isConnected && this.#near) this.#update();
    });
  }

  /** Where the report comes from: given, fetched, or written into the page. */
  #findSource() {
    if (this.#given) return this.#given;
    const src = this.getAttribute('src');
    if (src) return new URL(src, document.baseURI).href;
    return this.querySelector(':scope > script[type="application/json"]');
  }

  /**
   * @param {string | object} of
   * @returns {Loan}
   */
  #borrow(of) {
    this.#say('Loading …');
    if (typeof of === 'string')
      return {
        of,
        ...borrowReport(of, (progress) => {
          this.#say('Loading …');
          this.#tell('progress', progress);
        }),
      };
    const text = of instanceof Element ? (of.textContent ?? '') : JSON.stringify(of);
    // The host's object stays as it is: what opening a report adds goes to a copy.
    return { of, report: readWholeReport(text), release() {} };
  }

  async #update() {
    const turn = (this.#turn += 1);
    const isStale = () => turn !== this.#turn;
    try {
      const from = this.#findSource();
      if (!from) {
        if (document.readyState !== 'loading') throw new Error('No report: set `src` or `report`.');
        return;
      }
      if (this.#loan?.of !== from) {
        this.#loan?.release();
        this.#report = null;
        this.#view = null;
        this.#figure.hidden = true;
        this.#still.hidden = false;
        this.#loan = this.#borrow(from);
      }
      const known = this.#report;
      const report = known ?? (await this.#loan.report);
      if (isStale()) return;
      this.#report = report;
      await this.#show(isStale);
      if (!known && !isStale()) this.#tell('load', { report });
    } catch (error) {
      if (!isStale()) this.#fail(error);
    }
  }

  /** @param {() => boolean} isStale */
  async #show(isStale) {
    const report = /** @type {Report} */ (this.#report);
    const name = this.getAttribute('figure') || 'summary';
    if (!Object.hasOwn(PANELS, name)) {
      GateScope.#unknown.add(this);
      throw new Error(`There is no figure “${name}”: it is one of ${enumerate(knownFigures())}.`);
    }
    const read = (/** @type {string} */ attribute) => this.getAttribute(attribute) || null;
    if (read('filter')) await loadFilters();
    if (isStale()) return;
    this.#view ??= readView(
      report,
      {
        metric: read('metric'),
        run: read('run'),
        tensor: read('tensor'),
        alpha: read('alpha'),
        filter: read('filter'),
        arrangement: read('arrangement'),
      },
      name,
    );
    if (this.#drawn !== name || !this.#draw) {
      const [draw, sheets] = await Promise.all([PANELS[name](), panelSheets(name, knownFigures())]);
      if (isStale()) return;
      [this.#draw, this.#drawn] = [draw, name];
      if (this.shadowRoot) this.shadowRoot.adoptedStyleSheets = [...frameSheets(), ...sheets];
    }
    this.#alert.hidden = true;
    this.#status.hidden = true;
    this.#figure.hidden = false;
    this.#still.hidden = true;
    this.#redraw();
    this.#explain(isStale);
  }

  /**
   * What explains the figure comes when it is there.
   * @param {() => boolean} isStale
   */
  async #explain(isStale) {
    if (!EXPLAINED.has(this.#drawn) || this.#explained) return;
    // The figure is seen first.
    await new Promise((resolve) => {
      setTimeout(resolve);
    });
    try {
      await Promise.all([loadTexts(), loadRest(this.#drawn)]);
      this.#explained = true;
      if (!isStale()) this.#redraw();
    } catch {
      // The figure stands without; the next time it is drawn anew, they are asked for again.
    }
  }

  #redraw() {
    if (!this.#view || !this.#draw || !this.#report || !this.isConnected) return;
    const { report } = this.#view;
    const draw = this.#draw;
    const view = this.#view;
    this.#width = this.clientWidth;
    const fill = () => {
      const room = this.#panel.clientWidth;
      if (room) this.#panel.replaceChildren(draw({ ...view, width: room }, this.#choose));
      return room;
    };
    redrawKeepingFocus(this.#panel, () => {
      // A scroll bar that the panel needs takes some of its width.
      if (fill() !== this.#panel.clientWidth) fill();
    });
    const source = sourceLine(report, runsIn(this.#drawn, view));
    this.#panel.setAttribute('aria-label', `Figure of ${source}`);
    this.#panel.setAttribute('role', 'group');
    this.#source.textContent = source;
  }

  #resize() {
    if (this.clientWidth && this.clientWidth !== this.#width) this.#redraw();
  }

  /** @type {Choose} */
  #choose = (patch) => {
    if (!patch.filter) return this.#change(patch);
    loadFilters().then(
      () => this.#change(patch),
      (error) => this.#fail(error),
    );
  };

  /** @type {Choose} */
  #change(patch) {
    if (!this.#view) return;
    this.#view = { ...this.#view, ...patch };
    this.#redraw();
    const { report, run, metric, tensor, alpha, filter, arrangement } = this.#view;
    this.#tell('change', {
      changed: Object.keys(patch),
      run: report.runs[run].checkpoint.name,
      alpha: report.settings.alphas[alpha] ?? null,
      metric,
      tensor,
      filter,
      arrangement,
    });
  }

  /** What stands there until the figure does, and on paper. */
  #showStill() {
    const poster = this.getAttribute('poster');
    const given = this.#slot.assignedElements().filter(({ localName }) => localName !== 'script');
    this.#poster.hidden = !poster || given.length > 0;
    if (poster) this.#poster.src = new URL(poster, document.baseURI).href;
    this.#still.classList.toggle('given', given.length > 0 || Boolean(poster));
  }

  /** @param {string} text */
  #say(text) {
    const still = this.#still.classList.contains('given');
    this.#alert.hidden = true;
    this.#status.textContent = text;
    // A poster says enough.
    this.#status.hidden = still || !this.#figure.hidden;
  }

  /** @param {unknown} error */
  #fail(error) {
    const message = messageOf(error);
    this.#status.hidden = true;
    // Nothing of another report or another metric may pass for what was asked for.
    this.#figure.hidden = true;
    this.#still.hidden = false;
    this.#alert.hidden = false;
    this.#alert.textContent = message;
    if (!this.#report) {
      this.#loan?.release();
      this.#loan = null;
    }
    this.#view = null;
    this.#tell('error', { message });
  }

  /**
   * @param {string} type
   * @param {object} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Names of the figures that can be shown. */
const knownFigures = () => Object.keys(PANELS);

for (const name of ATTRIBUTES)
  Object.defineProperty(GateScope.prototype, name, {
    configurable: true,
    enumerable: true,
    /** @this {HTMLElement} */
    get() {
      return this.getAttribute(name);
    },
    /**
     * @this {HTMLElement}
     * @param {unknown} value
     */
    set(value) {
      if (value === null || value === undefined) this.removeAttribute(name);
      else this.setAttribute(name, String(value));
    },
  });

// A page may hold the module twice, from two articles that were put together.
const defined = /** @type {typeof GateScope | undefined} */ (
  globalThis.customElements?.get('gate-scope')
);
if (defined) defined.add?.(PANELS);
else globalThis.customElements?.define('gate-scope', GateScope);
