// What explains figures comes after they are drawn: the table of figures is built without it
// (scripts/export/figure-texts.mjs).
import { FIGURES, SOURCES } from '../report/figures.js';
import { METRICS } from '../report/metrics.js';

/** @type {Promise<void> | null} */
let loading = null;

async function load() {
  const { default: texts, titles } = await import('virtual:figure-texts');
  for (const [name, source] of Object.entries(SOURCES)) source.title = titles[name];
  for (const figure of FIGURES) {
    const { chance, ...own } = texts[figure.id] ?? {};
    Object.assign(figure, own);
    if (figure.chance) Object.assign(figure.chance, chance);
  }
  for (const metric of METRICS) {
    const { about, read_against: reference, reported } = texts[metric.id];
    Object.assign(metric, { about, reference, reported: reported?.text ?? null });
  }
}

/** Puts the texts into the table; once for all elements. */
export function loadTexts() {
  loading ??= load();
  loading.catch(() => (loading = null));
  return loading;
}
