// An exported result: the report stands in the document, and all panels show it.
import { h } from './dom/elements.js';
import { PANELS } from './panels/index.js';
import { openText } from './report/open.js';
import { availableMetrics } from './report/metrics.js';

/** @import { View } from './panels/view.js' */

const app = document.getElementById('app');

/** @returns {View} */
function firstView() {
  const report = openText(document.getElementById('report')?.textContent ?? '');
  return {
    report,
    runs: report.runs.map((_, place) => place),
    run: 0,
    alpha: 0,
    metric: availableMetrics(report)[0]?.id ?? 'sparsity_bf16',
    tensor: report.runs[0]?.tensors.find(({ geometry }) => geometry)?.name ?? null,
    arrangement: 'one',
    filter: '',
    width: app?.clientWidth ?? 0,
  };
}

async function show() {
  let view = firstView();
  const places = Object.entries(PANELS).map(([name, load]) => ({
    load,
    place: h('div', { id: name }),
  }));
  app?.replaceChildren(h('h1', {}, document.title), ...places.map(({ place }) => place));
  const draw = async () => {
    for (const { load, place } of places) {
      const panel = await load();
      place.replaceChildren(
        panel(view, (patch) => {
          view = { ...view, ...patch };
          draw();
        }),
      );
    }
  };
  await draw();
}

show().catch((error) => {
  app?.replaceChildren(h('p', { class: 'problem', role: 'alert' }, String(error.message ?? error)));
});
