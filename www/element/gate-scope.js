// <gate-scope>: one figure of a report on anybody's page. docs/embedding.md has its attributes,
// properties, events, parts and colours.
import { h } from '../dom/elements.js';
import { PANELS } from '../panels/index.js';
import { enumerate } from '../report/format.js';
import { ATTRIBUTES, reflectAttributes, upgradeProperties } from './attributes.js';
import { Figure, knownFigures } from './figure.js';
import { borrow, findSource } from './loan.js';
import { frameSheets } from './sheets.js';
import { Still } from './still.js';
import { readView } from './view.js';
import { messageOf } from '../report/message.js';

/** @import { Report } from '../report/model.js' */
/** @import { Loan } from './loan.js' */
/** @import { Choose, View } from '../panels/view.js' */

/** What reads a filter comes with the first one. */
const loadFilters = () => import('../report/filter-lists.js');

/** How far below the window a lazy figure begins to load. */
const AHEAD = '300px';

/** Where there is no DOM the module can be imported all the same. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

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

  #figure = new Figure((patch) => this.#choose(patch));
  #still = new Still(this);
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
    root.append(this.#still.element, this.#figure.element, this.#status, this.#alert);
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
    upgradeProperties(this);
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
    this.#still.show();
    this.#plan();
  }

  disconnectedCallback() {
    for (const end of this.#ends.splice(0)) end();
    this.#turn += 1;
    this.#loan?.release();
    this.#loan = null;
    this.#report = null;
    this.#figure.clear();
  }

  /**
   * @param {string} name
   * @param {string | null} before
   * @param {string | null} after
   */
  attributeChangedCallback(name, before, after) {
    if (before === after || !this.isConnected) return;
    if (name === 'loading' && after !== 'lazy') this.#near = true;
    if (name === 'poster') return this.#still.show();
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

  /** @param {string | object} from */
  #borrow(from) {
    this.#say('Loading …');
    return borrow(from, (progress) => {
      this.#say('Loading …');
      this.#tell('progress', progress);
    });
  }

  async #update() {
    const turn = (this.#turn += 1);
    const isStale = () => turn !== this.#turn;
    try {
      const from = findSource(this, this.#given);
      if (!from) {
        if (document.readyState !== 'loading') throw new Error('No report: set `src` or `report`.');
        return;
      }
      if (this.#loan?.of !== from) {
        this.#loan?.release();
        this.#report = null;
        this.#view = null;
        this.#figure.element.hidden = true;
        this.#still.element.hidden = false;
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
    await this.#figure.load(name, this.shadowRoot, isStale);
    if (isStale()) return;
    this.#alert.hidden = true;
    this.#status.hidden = true;
    this.#figure.element.hidden = false;
    this.#still.element.hidden = true;
    this.#redraw();
    // What explains the figure comes when it is there.
    this.#figure.explain().then((isNew) => {
      if (isNew && !isStale()) this.#redraw();
    });
  }

  #redraw() {
    if (!this.#view || !this.#report || !this.isConnected) return;
    this.#width = this.clientWidth;
    this.#figure.draw(this.#view);
  }

  #resize() {
    if (this.clientWidth && this.clientWidth !== this.#width) this.#redraw();
  }

  /** @type {Choose} */
  #choose(patch) {
    if (!patch.filter) this.#change(patch);
    else
      loadFilters().then(
        () => this.#change(patch),
        (error) => this.#fail(error),
      );
  }

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

  /** @param {string} text */
  #say(text) {
    this.#alert.hidden = true;
    this.#status.textContent = text;
    // A poster says enough.
    this.#status.hidden = this.#still.isGiven || !this.#figure.element.hidden;
  }

  /** @param {unknown} error */
  #fail(error) {
    const message = messageOf(error);
    this.#status.hidden = true;
    // Nothing of another report or another metric may pass for what was asked for.
    this.#figure.element.hidden = true;
    this.#still.element.hidden = false;
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

reflectAttributes(GateScope.prototype);

// A page may hold the module twice, from two articles that were put together.
const defined = /** @type {typeof GateScope | undefined} */ (
  globalThis.customElements?.get('gate-scope')
);
if (defined) defined.add?.(PANELS);
else globalThis.customElements?.define('gate-scope', GateScope);
