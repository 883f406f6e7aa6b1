// docs/findings.md and the README's few lines on the samples, from an excerpt. No figure or verdict
// is written by hand.
import { degrees, number, percent, times } from '../../www/report/format.js';
import { SOURCES } from '../../www/report/reported-words.js';
import { ABOUT, REPORTED } from '../../www/report/reported.js';
import { formatMarkdown } from './markdown.mjs';
import { reasons } from './reasons.mjs';
import {
  NEARLY,
  atAlpha,
  given,
  reportedJaccards,
  rlvrPair,
  split,
  statements,
  words,
} from './statements.mjs';

/**
 * @typedef {import('./types.d.ts').Excerpt} Excerpt
 * @typedef {import('./types.d.ts').Format} Format
 * @typedef {import('./types.d.ts').Jaccard} Jaccard
 * @typedef {import('./types.d.ts').Run} Run
 * @typedef {import('./types.d.ts').Statement} Statement
 *
 * @typedef {[topic: string, title: string, figures: (excerpt: Excerpt) => string]} Topic
 */

/** @type {(head: string[], rows: string[][]) => string} */
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
/** @type {(excerpt: Excerpt, rows: [label: string, value: (run: Run) => string][]) => string} */
const runTable = ({ runs }, rows) =>
  table(
    ['', ...runs.map(({ name }) => `\`${name}\``)],
    rows.map(([label, value]) => [label, ...runs.map(value)]),
  );
/** @type {(value: number, chance: number, format: Format) => string} */
const beside = (value, chance, format) => `${format(value)} / ${format(chance)}`;

const BOTH = /** @type {const} */ ('both');
const SIDES = /** @type {const} */ (['left', 'right']);
const MASKS = /** @type {const} */ ([
  ['low', 'of low magnitude'],
  ['principal', 'in the principal mask'],
]);

/** @type {Topic[]} */
const TOPICS = [
  [
    'sparsity',
    'Unchanged weights',
    (excerpt) =>
      runTable(excerpt, [
        ['unchanged in bf16', (run) => percent(run.sparsity_bf16)],
        [
          `within \\|Δ\\| ≤ ${given(excerpt.settings.abs_tolerance)}`,
          (run) => percent(run.sparsity_abs),
        ],
        ['mean update over half a ULP, median over weights', (run) => number(run.over_half_ulp)],
      ]),
  ],
  [
    'spectrum',
    'Shift of the spectrum',
    (excerpt) =>
      runTable(excerpt, [
        ['NSS / chance', (run) => beside(run.nss.mean, run.nss_chance.mean, number)],
        [
          'NSS over its chance level, lowest to highest',
          (run) => `${times(run.nss_over_chance.min)} to ${times(run.nss_over_chance.max)}`,
        ],
        ['relative update, which bounds NSS', (run) => number(run.relative_update.mean)],
      ]),
  ],
  [
    'rotation',
    'Rotation of the principal subspaces',
    (excerpt) =>
      runTable(excerpt, [
        ['largest angle, mean', (run) => degrees(run.rotation_max.mean)],
        [
          'largest angle, lowest to highest',
          (run) => `${degrees(run.rotation_max.min)} to ${degrees(run.rotation_max.max)}`,
        ],
        ['median angle, mean', (run) => degrees(run.rotation_median.mean)],
        ...SIDES.map(
          /** @returns {[string, (run: Run) => string]} */ (side) => [
            `‖sin Θ‖ over its chance level, ${side}: mean, lowest to highest`,
            ({ sines_over_chance: { [side]: sines } }) =>
              `${times(sines.mean)}, ${times(sines.min)} to ${times(sines.max)}`,
          ],
        ),
        [
          'matrices whose angle is resolved',
          (run) => `${run.rotation_max.count} of ${run.matrices}`,
        ],
      ]),
  ],
  [
    'off',
    'Off the principals',
    (excerpt) =>
      runTable(excerpt, [
        ...[BOTH, ...SIDES].map(
          /** @returns {[string, (run: Run) => string]} */ (side) => [
            `off-principal share, ${side === BOTH ? 'both sides' : side} / chance`,
            ({ off_principal: { [side]: share } }) =>
              beside(share.share.mean, share.chance.mean, percent),
          ],
        ),
        [
          'matrices below chance, both sides',
          (run) => `${run.off_principal.both.below} of ${run.matrices}`,
        ],
        [
          'stable rank of Δ / chance',
          (run) => beside(run.stable_rank.mean, run.stable_rank_chance.mean, number),
        ],
      ]),
  ],
  [
    'masks',
    'Low-magnitude and principal weights',
    (excerpt) =>
      runTable(
        excerpt,
        excerpt.settings.alphas.flatMap((alpha) =>
          MASKS.map(
            /** @returns {[string, (run: Run) => string]} */ ([kind, label]) => [
              `changed weights ${label}, α = ${alpha} / chance`,
              (run) => {
                const { overlap, chance } = atAlpha(run, alpha)[kind];
                return beside(Number(overlap), chance, percent);
              },
            ],
          ),
        ),
      ),
  ],
  ['overlap', 'The same weights in several runs', jaccardTable],
  [
    'rank',
    'Rank of the update',
    (excerpt) =>
      runTable(excerpt, [
        ['numerical rank over the smaller side', (run) => percent(run.rank_share.mean)],
        [
          'stable rank / chance',
          (run) => beside(run.stable_rank.mean, run.stable_rank_chance.mean, number),
        ],
      ]),
  ],
];

/** @param {Excerpt} excerpt */
function jaccardTable(excerpt) {
  const pair = rlvrPair(excerpt);
  if (!pair) return 'The report has no two RLVR runs.';
  /** @param {Jaccard} jaccard */
  const cells = ([observed, chance]) => [
    beside(observed, chance, number),
    number(observed - chance),
  ];
  const modules = reportedJaccards().filter(([module]) => pair.modules[module]);
  return table(
    [
      'Jaccard index / chance',
      words(pair.runs.map((name) => `\`${name}\``)),
      'excess',
      `reported, ${REPORTED.jaccard.place}`,
      'excess',
    ],
    [
      ...modules.map(([module, reported]) => [
        module,
        ...cells(pair.modules[module]),
        ...cells(reported),
      ]),
      ['whole model', ...cells([pair.jaccard, pair.chance]), '', ''],
    ],
  );
}

/** @param {boolean} holds */
const verdict = (holds) => (holds ? 'agrees' : '**does not agree**');

/**
 * @param {Excerpt} excerpt
 * @param {Statement[]} all
 * @param {Topic} topic
 */
function section(excerpt, all, [topic, title, figures]) {
  const rows = all.filter((one) => one.topic === topic);
  return [
    `## ${title}`,
    figures(excerpt),
    table(
      ['Reported', 'Source', 'Here', 'Verdict'],
      rows.map(({ text, source, here, holds }) => [text, source, here, verdict(holds)]),
    ),
    reasons[topic](excerpt)
      .map((text) => `- ${text}`)
      .join('\n'),
  ]
    .filter(Boolean)
    .join('\n\n');
}

/**
 * Of the statements that matter most: which agree here and which do not, with the figures.
 *
 * @param {Statement[]} all
 */
function short(all) {
  /** @param {boolean} holds */
  const list = (holds) =>
    all
      .filter((one) => one.main && one.holds === holds)
      .map(({ text, here }) => `- ${text}: ${here}`)
      .join('\n');
  return [
    ['As reported elsewhere (after the colon what the samples show):', list(true)],
    ['Not as reported elsewhere (after the colon what the samples show):', list(false)],
  ]
    .filter(([, found]) => found)
    .map((part) => part.join('\n\n'))
    .join('\n\n');
}

/**
 * What training alone may explain, from the runs' own settings.
 *
 * @param {Excerpt} excerpt
 */
function caveat(excerpt) {
  const [rlvr, sft] = split(excerpt);
  const rates = [rlvr, sft].map((runs) => Math.max(...runs.map((run) => run.learning_rate)));
  return (
    'The difference between RLVR and SFT here is not due to the method alone: SFT had ' +
    `${times(rates[1] / rates[0])} the learning rate (${given(rates[1])} against ` +
    `${given(rates[0])}), ` +
    `${words(sft.map((run) => `${run.steps}`))} steps against ` +
    `${words([...new Set(rlvr.map((run) => `${run.steps}`))])}, and other data.`
  );
}

const BEGIN = '<!-- written by npm run findings -->';
const END = '<!-- end of what npm run findings writes -->';

/**
 * The README's text with the lines between the two marks replaced.
 *
 * @param {string} readme
 * @param {Excerpt} excerpt
 */
export async function readmeOf(readme, excerpt) {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`README.md lacks ${BEGIN} or ${END}.`);
  const lines = await formatMarkdown(
    `k = ${excerpt.settings.k}; spectral figures are means over the matrices of the layers.` +
      `\n\n${short(statements(excerpt))}\n`,
  );
  return `${before}${BEGIN}\n\n${lines}\n${END}${after}`;
}

/** @param {Run} run */
const nameRun = ({ name, method, steps, learning_rate: rate }) =>
  `\`${name}\` (${method}, ${steps} steps at ${given(rate)})`;

/** @param {Excerpt} excerpt */
export function findingsOf(excerpt) {
  const all = statements(excerpt);
  const {
    settings: { k, alphas, eta },
    runs,
    parameters,
  } = excerpt;
  const agree = all.filter(({ holds }) => holds).length;
  const [{ matrices }] = runs;
  return `${[
    '# Findings on the samples',
    'Written by `npm run findings` from a report of `samples/`: every figure and every ' +
      'verdict is computed. [findings.json](findings.json) has the figures that it rests on.',
    `One base of ${number(parameters / 1e6)} M parameters, and from it ` +
      `${words(runs.map(nameRun))}; ` +
      '[samples/README.md](../samples/README.md) says how they were made. They stand beside ' +
      'what was reported for models of 1.5 to 30 billion parameters. ' +
      'It is one family of one size: an example to try the tool on, not evidence for or ' +
      'against a paper.',
    `k = ${k}, α = ${words(alphas.map(String))}, η = ${eta}. ` +
      `Spectral figures are means over the ${matrices} matrices of the ` +
      `layers${runs.every(({ exact }) => exact) ? ', all exact' : ''}; mask overlaps come ` +
      'from their summed counts; ' +
      'unchanged weights and the Jaccard index are of the whole model. A figure after a ' +
      'stroke is the chance level. [metrics.md](metrics.md) defines each.',
    '## In short',
    `Of ${all.length} statements, ${agree} agree with the samples and ${all.length - agree} ` +
      'do not. The main ones:',
    short(all),
    caveat(excerpt),
    ...TOPICS.map((topic) => section(excerpt, all, topic)),
    '## Sources',
    Object.entries(SOURCES)
      .map(
        ([key, { authors, title, arxiv }]) =>
          `- ${key}: ${authors}, *${title}*, [arXiv ${arxiv}](https://arxiv.org/abs/${arxiv})`,
      )
      .join('\n'),
    `The reported figures stand in \`www/report/reported.js\`. “About” means within a factor of ` +
      `${ABOUT.times} for a magnitude and within ${ABOUT.share} for a share; “nearly” means ` +
      `${percent(NEARLY)} or more.`,
  ].join('\n\n')}\n`;
}
