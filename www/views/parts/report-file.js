// report.json in and out, and CSV out.
import { download } from '../../dom/browser.js';
import { h } from '../../dom/elements.js';
import { store } from '../../app/state.js';
import { messageOf, openReport, writeShownCsv } from '../../app/actions.js';

/** A button that opens a report.json. `id` is that of its file input. */
export function reportInput(id = 'report-input') {
  const input = h('input', {
    type: 'file',
    accept: '.json,.gz,application/json',
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

export function downloads() {
  const csv = h(
    'button',
    {
      type: 'button',
      id: 'download-csv',
      onclick: async () => {
        csv.disabled = true;
        try {
          download('gatescope-report.csv', 'text/csv', await writeShownCsv());
        } catch (error) {
          store.set({ problem: `The CSV could not be written: ${messageOf(error)}` });
        }
        csv.disabled = false;
      },
    },
    'Download CSV',
  );
  const json = h(
    'button',
    {
      type: 'button',
      id: 'download-report',
      onclick: () => download('report.json', 'application/json', store.state.reportText ?? ''),
    },
    'Download report.json',
  );
  return [json, csv];
}
