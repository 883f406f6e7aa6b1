// The exported file's start: the result view alone, of the report that stands in the document.
// There is no engine here, and nothing is fetched.
import { keepAddress } from './app/address.js';
import { openResult } from './app/open-report.js';
import { h } from './dom/elements.js';
import { restoreTheme } from './dom/theme.js';
import { readWholeReport } from './report/read-whole.js';
import { handOn } from './views/parts/hand-on.js';
import { resultsView } from './views/results/results.js';
import { messageOf } from './report/message.js';

const place = document.getElementById('app') ?? document.body.appendChild(h('main', { id: 'app' }));
restoreTheme();

/** Shows the report that stands in the document; else says what is wrong with it. */
async function showReport() {
  const text = document.getElementById('report')?.textContent ?? '';
  const report = await readWholeReport(text);
  place.replaceChildren(resultsView({ exports: handOn({ text: () => text, alone: true }) }));
  keepAddress();
  openResult(report);
}

showReport().catch((error) => {
  place.replaceChildren(h('p', { class: 'problem', role: 'alert' }, messageOf(error)));
});
