// The place of the tensor that is open: beside the heatmap on a wide screen, over all of a narrow
// one, and the keyboard's way there and back.
import { h } from '../../dom/elements.js';
import { selectorOf } from '../../dom/redraw.js';
import { store } from '../../app/state.js';
import { choose } from '../parts/view.js';
import { detailPart, focusWhenDrawn } from '../detail/detail.js';
import { keepDrawn } from '../parts/part.js';
import { onEnter } from './panel.js';

/** Below this there is no room beside anything: the drawer is a sheet over the page. */
const narrow = matchMedia('(max-width: 799px)');

/**
 * What opened the drawer: its panel, and how to find it there again.
 * @type {{ place: HTMLElement, selector: string } | null}
 */
let opener = null;

/** Gives the focus back to what opened the drawer, or to what is current where it stood. */
function giveFocusBack() {
  if (!opener) return;
  const { place, selector } = opener;
  /** @type {HTMLElement | null} */
  const found =
    place.querySelector(selector) ?? place.querySelector('[tabindex="0"], button, select');
  found?.focus({ preventScroll: true });
  opener = null;
}

/** @returns {HTMLElement} */
export function drawer() {
  const part = detailPart();
  const holder = h('aside', { class: 'drawer', 'aria-label': 'Tensor' }, part.element);
  const sheet = h('dialog', { class: 'sheet', 'aria-labelledby': 'detail-title' });
  const where = h('div', { class: 'drawer-place' }, holder, sheet);
  const isOpen = () => store.state.tensor !== null && store.state.phase === 'done';

  /** Puts the drawer where there is room for it. */
  function place() {
    // Moved, what is focused in it would lose the focus.
    const active = document.activeElement;
    const had = active instanceof HTMLElement && where.contains(active) ? active : null;
    const isSheet = isOpen() && narrow.matches;
    where.classList.toggle('open', isOpen());
    holder.hidden = !isOpen() || isSheet;
    if (isSheet) {
      sheet.append(part.element);
      if (!sheet.open) sheet.showModal();
    } else {
      if (sheet.open) sheet.close();
      holder.append(part.element);
    }
    if (isOpen()) had?.focus({ preventScroll: true });
  }

  /** @param {string | null} tensor */
  function remember(tensor) {
    const active = document.activeElement;
    const panel = active?.closest('[data-panel]');
    if (tensor === null || !active || !(panel instanceof HTMLElement)) return;
    opener = { place: panel, selector: selectorOf(active) };
  }

  let was = store.state.tensor;
  // Before the drawer is emptied, which takes the focus away.
  store.watch(['tensor', 'phase', 'report'], ({ tensor }) => {
    remember(tensor);
    const active = document.activeElement;
    // A cell that was drawn anew meanwhile has left it to nobody.
    const hadFocus = !active || active === document.body || where.contains(active);
    const closes = was !== null && tensor === null;
    was = tensor;
    place();
    if (isOpen() && sheet.open) focusWhenDrawn();
    // Panels are redrawn for the same change: what is focused has to stand there by then.
    if (closes && hadFocus) setTimeout(giveFocusBack);
  });
  keepDrawn(part);
  narrow.addEventListener('change', place);
  sheet.addEventListener('cancel', (event) => {
    event.preventDefault();
    choose({ tensor: null });
  });
  addEventListener('keydown', ({ key, defaultPrevented }) => {
    if (key === 'Escape' && !defaultPrevented && isOpen() && !sheet.open) choose({ tensor: null });
  });
  onEnter(focusWhenDrawn);
  return where;
}
