// What several runs of one base have in common: the model, and the tensor that the detail view shows.
import { afterReport, breakable, h, replace } from '../dom.js';
import { store } from '../state.js';
import { count, number, percent, signed } from '../format.js';
import { consensus, excess, hasOverlaps, modelOverlap, pairMean } from '../overlaps.js';
import { REPORTED } from '../reported.js';
import { CONSENSUS_KEY, consensusBars } from '../charts/consensus.js';
import { profile } from '../charts/curves.js';
import { onTheme } from '../charts/theme.js';
import { card } from './card.js';
import { densityMap } from './detail-maps.js';
import { figure } from './figure.js';
import { consensusTable, pairTables, reportedTable } from './several-tables.js';

/** In the words of a sentence: all of `names`. */
const list = (names) => (names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names.join(''));

function cards(entry, eta, dtype, reported) {
  const terms = [`η = ${eta}`, dtype, 'exact count'];
  const all = consensus(entry).at(-1);
  const { mean_jaccard: jaccard, mean_jaccard_chance: chance } = entry;
  return h('div', { class: 'cards' },
    card('Jaccard index, mean over pairs', number(jaccard), [`chance level ${number(chance)}, excess ${signed(excess(jaccard, chance))}`, reported], terms),
    card(`Changed in all ${entry.runs.length} runs`, percent(all.observed), [`chance level ${percent(all.chance)}, were the runs independent`,
      `${count(all.weights)} of ${count(entry.parameters)} weights`], terms),
    card('Cosine of Δ, mean over pairs', number(pairMean(entry.cosine)), ['chance level 0'], ['stored values', dtype, 'exact sum']));
}

function profileOf(held, across, entry, name) {
  if (!held) return null;
  const { observed, chance } = consensus(entry).at(-1);
  const title = `Changed in all ${entry.runs.length} runs, by ${name}`;
  return figure(title, profile(held, across, observed, name, { title, y: 'changed in all runs, %', independent: chance }), {
    beside: `Dashed: ${percent(observed)}, the tensor’s own share; shaded: where it would stay if it did not depend on the ${name} (± 2 standard deviations). `
      + `Dotted: ${percent(chance)}, were the runs independent. Single ${name}s: ${percent(held.min)} to ${percent(held.max)}, median ${percent(held.median)}.` });
}

/** Where on the matrix all runs changed the weights; nothing in reports from before there were maps. */
function consensusMap(entry, shape) {
  const { consensus_map: map } = entry;
  if (!map || !shape) return null;
  const { observed, chance } = consensus(entry).at(-1);
  return densityMap({ title: `Changed in all ${entry.runs.length} runs, map`, map, coded: map.all, shape, level: chance,
    beside: `Share of the weights of a cell that all runs changed: ${percent(observed)} of the whole matrix. Chance: ${percent(chance)} everywhere, were the runs independent.` });
}

/** `more` stands behind the others. */
function figures(entry, names, shape, more = null) {
  const title = 'In how many runs a weight changed';
  const [m, n] = shape ?? [];
  // Columns are as wide as the tables of runs by runs need.
  return h('div', { class: 'several-grid', style: `--column: ${Math.max(350, 90 + 95 * names.length)}px` },
    h('div', {}, figure(title, consensusBars(consensus(entry), title), { swatches: CONSENSUS_KEY }), consensusTable(entry)),
    pairTables(entry, names), profileOf(entry.row_consensus, n, entry, 'row'), profileOf(entry.column_consensus, m, entry, 'column'), consensusMap(entry, shape), more);
}

const badges = (words) => h('p', { class: 'badges' }, words.map((word) => h('span', {}, word)));

function modelPart(report, tensors) {
  const entry = modelOverlap(report);
  const title = h('h4', { class: 'part', id: 'several-model' }, 'Model');
  if (!entry) return [title, h('p', { class: 'note' }, 'No tensor is in all runs, so there are no figures of the model.')];
  const shared = report.overlaps.filter(({ name, runs }) => name !== null && runs.length === entry.runs.length).length;
  const dtype = [...new Set(tensors.map((tensor) => tensor.dtype))].join(', ');
  return [
    title,
    h('p', { class: 'about' }, `Summed over the ${count(shared)} tensors that all runs have, ${count(entry.parameters)} weights. Chance keeps each tensor’s own densities, `
      + 'so that runs that change the same tensors do not differ from chance by that alone.'),
    cards(entry, report.settings.eta, dtype),
    figures(entry, entry.runs.map((run) => report.runs[run].checkpoint.name), null, reportedTable(tensors)),
  ];
}

function tensorPart(report, tensor) {
  const { overlap: entry } = tensor;
  const title = h('h4', { class: 'part', id: 'several-tensor' }, h('code', {}, breakable(tensor.name)));
  if (!entry) return [title, h('p', { class: 'note' }, 'Fewer than two runs have this tensor, so nothing can be shared.')];
  const names = entry.runs.map((run) => report.runs[run].checkpoint.name);
  const [jaccard, chance] = (tensor.shape.length === 2 && REPORTED.jaccard.modules[tensor.module]) || [];
  const reported = jaccard && `reported for ${tensor.module} in block 13 of five RLVR runs: ${number(jaccard)}, chance ${number(chance)}, excess ${signed(jaccard - chance)}`;
  const missing = entry.runs.length < report.runs.length && h('p', { class: 'note' }, `Only ${list(names)} have this tensor.`);
  return [title, missing, cards(entry, report.settings.eta, tensor.dtype, reported), figures(entry, names, tensor.shape)];
}

export function severalView() {
  const model = h('section', { 'aria-labelledby': 'several-model' });
  const selected = h('section', { 'aria-labelledby': 'several-tensor' });
  const about = h('p', { class: 'about' });
  const terms = h('div', {});
  const section = h('section', { class: 'block panel', id: 'several', 'aria-labelledby': 'several-title', hidden: true },
    h('h3', { id: 'several-title', tabIndex: -1 }, 'Several runs'), about, terms, model, selected);
  const tensorsOf = ({ report, run }) => report.runs[run]?.tensors ?? [];
  store.watch(['report'], afterReport((state) => {
    const { report } = state;
    section.hidden = !hasOverlaps(report);
    if (section.hidden) return;
    about.textContent = `Do the runs change the same weights, and in the same direction? All figures here are of ${list(report.runs.map(({ checkpoint }) => checkpoint.name))} together, whichever tab is open.`;
    replace(terms, badges([`η = ${report.settings.eta}`, 'changed in bf16', 'independent of k and α']));
    // A tensor's entry hangs at every run that has it; all tensors are those of all runs.
    const all = new Map(report.runs.flatMap(({ tensors }) => tensors).map((tensor) => [tensor.name, tensor]));
    replace(model, modelPart(report, [...all.values()].filter(({ overlap }) => overlap)));
  }));
  const draw = (state) => {
    const tensor = hasOverlaps(state.report) && tensorsOf(state).find(({ name }) => name === state.tensor);
    replace(selected, tensor && tensorPart(state.report, tensor));
  };
  store.watch(['report', 'run', 'tensor'], afterReport(draw));
  onTheme(() => draw(store.state));
  return section;
}
