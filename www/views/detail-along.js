// Where the update lies along the spectrum of the base, and how the figures at rank k depend on k.
import { along, alongKey } from '../charts/along.js';
import { degrees, number, percent } from '../format.js';
import { saying } from '../span.js';
import { blockChance, blockNames } from '../spectrum.js';
import { figure } from './figure.js';

function spectrum({ geometry: { along_spectrum: held }, shape }) {
  if (!held) return null;
  const chance = blockChance(held.edges, shape);
  const series = [
    { name: 'left', observed: held.left, chance: chance.left }, { name: 'right', observed: held.right, chance: chance.right },
    { name: 'both', observed: held.core.map((row, i) => row[i]), chance: chance.both },
  ];
  const label = 'Energy of the update along the spectrum';
  return figure(label, along({ label, x: 'singular directions of W0', y: 'share of ‖Δ‖², %', percent: true, log: true, places: blockNames(held.edges), series,
    text: (name, place, share, level) => `directions ${place}, ${name}: ${percent(share)}, chance ${percent(level)}` }), {
    swatches: alongKey(series.map(({ name }) => name)),
    beside: 'Share of ‖Δ‖_F² in blocks of singular directions of W0: by left directions, by right ones, and between a block’s own left and right ones. '
      + 'Dashed: an update that has nothing to do with W0. Above it, the update prefers these directions.' });
}

function offPrincipal({ geometry: { sweep } }) {
  const held = sweep?.filter((one) => one.off_principal_share !== null);
  if (!held?.length) return null;
  const series = [['left', 'off_principal_left'], ['right', 'off_principal_right'], ['both', 'off_principal_share']]
    .map(([side, field]) => ({ name: side, observed: held.map((one) => one[field]), chance: held.map(({ chance }) => chance[side]) }));
  const label = 'Off-principal share against k';
  return figure(label, along({ label, x: 'k', y: 'share of ‖Δ‖², %', percent: true, places: held.map(({ k }) => k), series, domain: [0, 100],
    text: (name, k, share, level) => `k = ${k}, ${name}: ${percent(share)}, chance ${percent(level)}` }), {
    swatches: alongKey(series.map(({ name }) => name)),
    beside: 'Dashed: chance. Below it, the update holds more of the principal subspaces than a random one, at whichever k.' });
}

/** Places in the words of a sentence. */
const list = (values) => (values.length > 1 ? `${values.slice(0, -1).join(', ')} and ${values.at(-1)}` : values.join(''));

function rotation({ geometry: { sweep } }, said) {
  if (!sweep?.length) return null;
  const series = [{ name: 'largest', observed: sweep.map((one) => one.rotation_max) }, { name: 'median', observed: sweep.map((one) => one.rotation_median) }];
  const unresolved = sweep.filter(({ resolved }) => !resolved).map(({ k }) => k);
  const label = 'Rotation against k';
  const at = new Map(sweep.map((one) => [one.k, one]));
  const text = (name, k, angle) => `k = ${k}, ${name}: ${degrees(angle)}; gap ${number(at.get(k).gap)}${at.get(k).resolved ? `, uncertainty ${degrees(at.get(k).uncertainty)}` : ', not resolved'}`;
  return figure(label, along({ label, x: 'k', y: 'degrees', places: sweep.map(({ k }) => k), series, text, hollow: (i) => !sweep[i].resolved }), {
    swatches: [...alongKey(series.map(({ name }) => name), false), { name: 'not resolved', colour: 'var(--quiet)', mark: 'ring' }],
    beside: `${unresolved.length ? `Not resolved at k = ${list(unresolved)}, where the gap does not define the subspace` : 'Resolved at every k shown'}. `
      + `${saying(said.rotation, (known) => `Reported for one layer: ${known}. `)}Unrelated subspaces are near 90°.` });
}

/** `said`: what was reported elsewhere, as far as it is context. */
export const alongFigures = (tensor, said) => (tensor.geometry ? [spectrum(tensor), offPrincipal(tensor), rotation(tensor, said)].filter(Boolean) : []);
