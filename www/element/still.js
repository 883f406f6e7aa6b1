// What stands in an element's place until its figure does, and on paper.
import { h } from '../dom/elements.js';

/** The author's poster, or what stands in the element. */
export class Still {
  #poster = h('img', { part: 'poster', alt: '', hidden: true });
  #slot = h('slot', { onslotchange: () => this.show() });
  /** Whether the author gave one. */
  isGiven = false;

  /** @param {Element} host */
  constructor(host) {
    this.host = host;
    this.element = h('div', { class: 'still', part: 'still' }, this.#poster, this.#slot);
  }

  /** Shows what the author gave: what stands in the element counts before its poster. */
  show() {
    const poster = this.host.getAttribute('poster');
    const given = this.#slot.assignedElements().filter(({ localName }) => localName !== 'script');
    this.#poster.hidden = !poster || given.length > 0;
    if (poster) this.#poster.src = new URL(poster, document.baseURI).href;
    this.isGiven = given.length > 0 || Boolean(poster);
    this.element.classList.toggle('given', this.isGiven);
  }
}
