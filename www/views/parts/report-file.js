// The button that opens a report.json.
import { h } from '../../dom/elements.js';
import { openReport } from '../../app/actions.js';

/** A button that opens a report.json. `id` is that of its file input. */
export function reportInput(id = 'report-input') {
  const input = h('input', {
    type: 'file',
    accept: '.json,.gz,application/json,application/gzip',
    class: 'sr',
    tabIndex: -1,
    id,
    'aria-label': 'Report file',
    onchange: () => {
      const file = input.files?.[0];
      if (file) openReport(file, file.name);
      // The same file can be opened again.
      input.value = '';
    },
  });
  return h(
    'span',
    {},
    h('button', { type: 'button', onclick: () => input.click() }, 'Open a report.json'),
    input,
  );
}
