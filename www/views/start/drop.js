// The whole page is one target: what is dropped anywhere is taken in, on a row for that row.
import { droppedFiles } from '../../app/input.js';
import { takeIn } from '../../app/intake.js';

/** @import { Role } from '../../app/intake.js' */

/**
 * The row that lies under a drop; anywhere else the page finds out what the files are for.
 * @param {EventTarget | null} target
 * @returns {Role}
 */
function roleOf(target) {
  const row = target instanceof Element ? target.closest('[data-role]') : null;
  const role = row?.getAttribute('data-role');
  if (role === 'base' || role === 'fisher') return role;
  return role ? Number(role) : 'any';
}

/** @param {EventTarget | null} target */
function markRow(target) {
  const row = target instanceof Element ? target.closest('[data-role], .drop-target') : null;
  for (const marked of document.querySelectorAll('.over'))
    if (marked !== row) marked.classList.remove('over');
  row?.classList.add('over');
}

export function dropAnywhere(target = window) {
  target.addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dragging');
    markRow(event.target);
  });
  /** @param {DragEvent} event */
  const leave = (event) => {
    // Leaving an element for one inside it is not leaving the page.
    if (event.type === 'dragleave' && event.relatedTarget) return;
    document.body.classList.remove('dragging');
    markRow(null);
  };
  target.addEventListener('dragleave', leave);
  target.addEventListener('drop', (event) => {
    event.preventDefault();
    leave(event);
    if (event.dataTransfer?.items.length)
      takeIn(droppedFiles(event.dataTransfer), roleOf(event.target));
  });
}
