// report.json in and out, and CSV out.
import { download } from '../../dom/browser.js';
import { h } from '../../dom/elements.js';
import { store } from '../../app/state.js';
import { messageOf, saveShownReport, show, writeShownCsv } from '../../app/actions.js';

/** @param {File} file */
async function openReport(file) {
  try {
    await show(file);
  } catch (error) {
    store.set({ problem: `${file.name}: ${messageOf(error)}` });
  }
}

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
      if (input.files?.length) openReport(input.files[0]);
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

/**
 * A report.json may be dropped anywhere on the page, and nothing dropped beside a zone may replace
 * the page.
 */
export function dropReports(target = window) {
  target.addEventListener('dragover', (event) => event.preventDefault());
  target.addEventListener('drop', (event) => {
    event.preventDefault();
    const file = [...(event.dataTransfer?.files ?? [])].find(({ name }) =>
      /\.json(\.gz)?$/.test(name),
    );
    if (file) openReport(file);
    else
      store.set({
        problem: 'Drop checkpoints on the base or the tuned zone; a report.json anywhere.',
      });
  });
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
      onclick: async () => {
        const saved = await saveShownReport();
        if (saved) download(saved.name, saved.type, saved.blob);
      },
    },
    'Download report.json',
  );
  return [json, csv];
}
