// What leaves the page as text: tables, captions, source lines, snippets and HTML files.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { composeTemplate } from '../../scripts/export/compose.mjs';
import { splitFigures, writeModule } from '../../scripts/export/figure-texts.mjs';
import { caption } from '../../www/exports/caption.js';
import { escapeJson, fillTemplate } from '../../www/exports/html.js';
import { breakLines, cleanXml } from '../../www/exports/lines.js';
import { elementSnippet, escapeScript, frameSnippet } from '../../www/exports/snippets.js';
import { fileName, sourceLine } from '../../www/exports/source.js';
import { escapeLatex, toCsv, toLatex, toMarkdown, toTsv } from '../../www/exports/table.js';
import { trimReport } from '../../www/exports/trim.js';
import { composeAnswer } from '../../www/report/answer.js';
import { divideByLayer } from '../../www/report/energy.js';
import { percent } from '../../www/report/format.js';
import { METRICS } from '../../www/report/metrics.js';
import '../../www/report/gaps.js';
import { compareWithRandom, measureChange } from '../../www/report/ratios.js';
import { readWholeReport } from '../../www/report/read-whole.js';
import { smallReport } from './small-report.mjs';

const table = {
  columns: [{ label: 'Tensor' }, { label: 'NSS' }, { label: 'Unchanged', format: percent }],
  rows: [
    ['layers.0.q_proj', 0.000123456, 0.5],
    ['layers.1.q_proj', -2.5, null],
  ],
};
const named = (name) => ({ columns: [{ label: 'Tensor' }], rows: [[name]] });
const cellOf = (text) => text.trimEnd().split(/\r?\n/).slice(1).join('\n');

test('CSV keeps all digits, and gaps stay gaps', () => {
  assert.equal(
    toCsv(table),
    'Tensor,NSS,Unchanged\r\nlayers.0.q_proj,0.000123456,0.5\r\nlayers.1.q_proj,-2.5,\r\n',
  );
  assert.match(toCsv(table, { numbers: 'shown' }), /layers\.0\.q_proj,1\.23e−4,50\.0\u00a0%/);
});

test('a name in CSV is neither a formula nor another cell', () => {
  for (const start of ['=', '+', '-', '@', '＝', '＠'])
    assert.equal(cellOf(toCsv(named(`${start}cmd()`))), `'${start}cmd()`);
  assert.equal(cellOf(toCsv(named('\t=1'))), "'\t=1");
  assert.equal(cellOf(toCsv(named('a,"b"\nc'))), '"a,""b""\nc"');
  // The column's name comes from a run.
  assert.match(toCsv({ columns: [{ label: '=A1' }], rows: [] }), /^'=A1/);
});

test('TSV has a line for each row, whatever a name holds', () => {
  assert.equal(toTsv(named('a\tb\r\nc')), 'Tensor\na b c\n');
  assert.equal(cellOf(toTsv(named('=1'))), "'=1");
});

test('Markdown has numbers to the right, as the page shows them', () => {
  assert.equal(
    toMarkdown(table),
    '| Tensor | NSS | Unchanged |\n| --- | ---: | ---: |\n' +
      '| layers.0.q\\_proj | 1.23e−4 | 50.0\u00a0% |\n| layers.1.q\\_proj | −2.50 | – |\n',
  );
});

test('a name in Markdown is text: no markup, no HTML, no link', () => {
  assert.equal(
    cellOf(toMarkdown(named('a|b `c` <img src=x> [x](y) *z*\n\n# h')))
      .split('\n')
      .at(-1),
    '| a\\|b \\`c\\` \\<img src=x\\> \\[x\\](y) \\*z\\* \\# h |',
  );
  assert.match(toMarkdown(named('https://evil.example www.evil.example @user')), /\| https\\:/);
  assert.match(toMarkdown(named('www.evil.example')), /www\\\.evil/);
});

test('LaTeX has the rules of booktabs, minus signs and powers of ten', () => {
  assert.equal(
    toLatex({
      columns: [{ label: 'Tensor' }, { label: 'NSS', unit: '%' }],
      rows: [
        ['q_proj', -0.000123],
        ['k', 2e7],
        ['v', null],
        ['o', -1.5],
      ],
    }),
    [
      '% \\usepackage{booktabs}',
      '\\begin{tabular}{lr}',
      '  \\toprule',
      '  Tensor & NSS (\\%) \\\\',
      '  \\midrule',
      '  q\\_proj & $-1.23 \\times 10^{-4}$ \\\\',
      '  k & $2.00 \\times 10^{7}$ \\\\',
      '  v & -- \\\\',
      '  o & $-$1.50 \\\\',
      '  \\bottomrule',
      '\\end{tabular}',
      '',
    ].join('\n'),
  );
  assert.match(toLatex(table, { numbers: 'raw' }), /0\.000123456 & 0\.5/);
});

test('no character of a name is a command in LaTeX', () => {
  assert.equal(
    escapeLatex('_ % & # { } ~ ^ \\ $'),
    '\\_ \\% \\& \\# \\{ \\} \\textasciitilde{} \\textasciicircum{} \\textbackslash{} \\$',
  );
  assert.equal(escapeLatex('\\input{/etc/passwd}'), '\\textbackslash{}input\\{/etc/passwd\\}');
  // A bracket or a star at the start of a row would belong to the row before it.
  assert.equal(escapeLatex('[2cm] *'), '{[}2cm] {*}');
  assert.equal(escapeLatex('a\n% b\u0007'), 'a \\% b ');
  assert.equal(escapeLatex('10° ± 2 × 3 − 1'), '10$^{\\circ}$ $\\pm$ 2 $\\times$ 3 $-$ 1');
  const captioned = toLatex(table, { caption: '50 % of a_b\n\\end{table}' });
  assert.match(captioned, /\\caption\{50 \\% of a\\_b \\textbackslash\{\}end\\\{table\\\}\}/);
});

const matrix = (name, exact) => ({ name, dtype: 'BF16', status: 'done', geometry: { exact } });
const report = {
  format: 'gatescope-report',
  generator: 'gatescope 0.1.0',
  created: '2026-11-27T20:46:31Z',
  base: { name: 'base' },
  settings: { k: 16, alphas: [0.1, 0.3], eta: 0.001, layers: null },
  partial: null,
  runs: ['rlvr-1', 'sft'].map((name) => ({
    checkpoint: { name },
    left_out: [],
    tensors: [
      matrix('q', true),
      matrix('k', false),
      { name: 'norm', dtype: 'F32', status: 'done', geometry: null },
    ],
  })),
};

/** Without what keeps a setting in one line. */
const plain = (text) => text.replaceAll('\u00a0', ' ');

test('a source line names runs, settings, dtypes and how much is exact', () => {
  assert.equal(
    plain(sourceLine(report)),
    'Gatescope · base → rlvr-1, sft · k = 16, α = 0.1, 0.3, η = 0.001, BF16, F32 · ' +
      '2 of 4 matrices exact, the others estimated',
  );
  assert.match(sourceLine(report, [1]), /base → sft · .* 1 of 2 matrices exact/);
});

test('a part of a model says so below each chart', () => {
  const part = { ...report, partial: { finished: 2, total: 36, reason: 'cancelled' } };
  assert.match(sourceLine(part), /part of the model: 2 of 36 tensors$/);
  assert.match(caption(part), /Part of the model: 2 of 36 tensors\./);
});

test('a delta without its base has no k, and says that the base is missing', () => {
  assert.match(
    sourceLine({ ...report, base: null }),
    /^Gatescope · rlvr-1, sft, without the base · BF16, F32 · /,
  );
});

test('a caption has everything that values are read with', () => {
  assert.equal(
    plain(caption(report, { title: 'Against a random update' })),
    'Against a random update. rlvr-1 and sft against base. ' +
      'k = 16, α = 0.1, 0.3, η = 0.001, BF16, F32; 3 tensors each; ' +
      'matrices 2 of 4 exact, the others estimated. Report of 2026-11-27 by gatescope 0.1.0.',
  );
});

test('a file has a name that every system takes', () => {
  assert.equal(fileName(report, '.svg', 'dots'), 'gatescope-base-rlvr-1-sft-dots.svg');
  const hostile = { base: null, runs: [{ checkpoint: { name: '../..\\C:\u0000<x>|' } }] };
  assert.equal(fileName(hostile, '.html'), 'gatescope-C-x.html');
  const long = { base: { name: 'x'.repeat(500) }, runs: [] };
  assert.ok(fileName(long, '.json').length < 100);
});

const hostile = JSON.parse(readFileSync(new URL('./hostile.json', import.meta.url), 'utf8'));

test('hostile names in an HTML file are escaped, as the native program does', () => {
  assert.ok(hostile.cases.length > 3);
  for (const { html, ...names } of hostile.cases) {
    assert.equal(fillTemplate(hostile.template, names), html);
    // What stands in the file is the report again.
    assert.deepEqual(JSON.parse(escapeJson(names.text)), JSON.parse(names.text));
    assert.doesNotMatch(escapeJson(names.text), /[<\u2028\u2029]/);
  }
});

test('a file that is no template is refused', () => {
  assert.throws(() => fillTemplate('<title></title>', { runs: [], text: '{}' }), /template/);
});

test('a template runs its own script alone', () => {
  const script = 'document.title = "</script><!--" + 1;';
  const template = composeTemplate({ script, styles: 'a { color: red }' });
  const hashOf = (code) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`;
  const [, loader] = /<script>([^]*)<\/script>/.exec(template);
  assert.ok(template.includes(`script-src ${hashOf(loader)} ${hashOf(script)};`));
  const [, packed] = /id="script">([^<]*)<\/script>/.exec(template);
  assert.equal(gunzipSync(Buffer.from(packed, 'base64')).toString(), script);
  assert.match(template, /default-src 'none'/);
  assert.equal(template, composeTemplate({ script, styles: 'a { color: red }' }));
  assert.throws(() => composeTemplate({ script, styles: 'a::after { content: "</style>" }' }));
});

test('a script in a fragment ends at no place of its own text', () => {
  assert.equal(escapeScript('a = "</script><!--" + 1'), 'a = "<\\/script><\\!--" + 1');
});

test('snippets escape what they are given', () => {
  const shown = { figure: 'dots', run: '"><script>', metric: null, tensor: null };
  const element = elementSnippet({
    ...shown,
    script: 'e.js',
    integrity: 'sha384-x',
    src: 'r.json',
  });
  assert.match(element, /run="&quot;&gt;&lt;script&gt;"/);
  assert.match(element, /integrity="sha384-x" crossorigin="anonymous"/);
  assert.doesNotMatch(element, /metric=|tensor=/);
  const frame = frameSnippet({ ...shown, page: 'embed.html', src: 'a b.json', title: 'A "b"' });
  assert.match(frame, /src="embed\.html\?embed=1&amp;src=a\+b\.json&amp;figure=dots&amp;run=%22/);
  assert.match(frame, /title="A &quot;b&quot;"/);
});

test('lines break between words, and within those that are too long', () => {
  const measure = (text) => text.length;
  assert.deepEqual(breakLines('one two three', 7, measure), ['one two', 'three']);
  assert.deepEqual(breakLines('abcdefghij k', 4, measure), ['abcd', 'efgh', 'ij k']);
  assert.deepEqual(breakLines('  ', 4, measure), []);
  assert.deepEqual(breakLines('one k\u00a0=\u00a01', 8, measure), ['one', 'k\u00a0=\u00a01']);
});

test('an SVG holds no character that XML forbids', () => {
  assert.equal(cleanXml('a\u0000b\u0008c\ud800d\u{1f600}'), 'a\ufffdb\ufffdc\ufffdd\u{1f600}');
});

test('the element reads its texts later, and loses none', async () => {
  const json = readFileSync(new URL('../../docs/figures.json', import.meta.url), 'utf8');
  const { table: core, texts, titles } = splitFigures(json);
  // What is written once for all rows is in each of them again.
  const written = await import(`data:text/javascript,${encodeURIComponent(writeModule(core))}`);
  assert.deepEqual(written.default, core);
  const whole = JSON.parse(json);
  for (const [name, source] of Object.entries(whole.sources))
    assert.deepEqual({ ...core.sources[name], title: titles[name] }, source);
  // What no page shows has no place on other people's.
  const shown = whole.figures.filter(({ page }) => page !== 'nowhere');
  assert.equal(core.figures.length, shown.length);
  shown.forEach((figure, i) => {
    const { chance, ...own } = texts[figure.id];
    const joined = { ...core.figures[i], ...own };
    if (joined.chance) joined.chance = { ...joined.chance, ...chance };
    for (const key of ['id', 'path', 'label', 'about', 'formula', 'read_against', 'reported'])
      assert.deepEqual(joined[key], figure[key]);
    assert.equal(joined.chance?.formula, figure.chance?.formula);
    assert.equal(joined.chance?.path, figure.chance?.path);
  });
  assert.ok(JSON.stringify(core).length < 0.6 * JSON.stringify(whole).length);
});

test('a report for one figure has no more than that figure shows', async () => {
  const full = smallReport();
  const [run] = full.runs;
  const { name } = run.tensors.find(({ geometry }) => geometry);
  const dots = trimReport(full, 'heatmap');
  const matrixOf = ({ runs: [first] }) => first.tensors.find((tensor) => tensor.name === name);
  assert.equal(dots.runs[0].tensors.length, run.tensors.length);
  assert.equal(matrixOf(dots).maps, undefined);
  assert.deepEqual(matrixOf(dots).geometry.spectrum_base, []);
  assert.equal(matrixOf(dots).geometry.nss, matrixOf(full).geometry.nss);
  // Rollups are of all tensors, in full but for their curves.
  const { sweep: _, ...model } = run.model;
  assert.deepEqual(dots.runs[0].model, model);
  // What the report opens as is the same for every metric.
  const [before, after] = await Promise.all(
    [full, dots].map((one) => readWholeReport(JSON.stringify(one))),
  );
  const valuesOf = (opened) =>
    METRICS.map(({ value, chance }) =>
      opened.runs[0].tensors.map((tensor) => [value(tensor, 0), chance?.(tensor, 0)]),
    );
  assert.deepEqual(valuesOf(after), valuesOf(before));
  // Figures group the tensors themselves.
  assert.deepEqual([dots.runs[0].layers, dots.runs[0].modules], [[], []]);
  const spectrum = trimReport(full, 'spectrum', name);
  assert.deepEqual(spectrum.runs[0].tensors, [matrixOf(full)]);
  assert.ok(JSON.stringify(dots).length < 0.7 * JSON.stringify(full).length);
});

test('figures of whole runs say the same of a trimmed report', async () => {
  const text = readFileSync(new URL('../../samples/report.json', import.meta.url), 'utf8');
  const trimmed = trimReport(JSON.parse(text), 'dots');
  const saidOf = (read) => {
    const runs = read.runs.map((_, run) => run);
    return runs.map((run) => ({
      answer: composeAnswer(read, { runs, run, alpha: 0 }),
      readings: read.settings.alphas.map((_, alpha) =>
        compareWithRandom(read.runs[run].tensors, alpha),
      ),
      change: measureChange(read.runs[run].tensors),
      layers: divideByLayer(read.runs[run].tensors),
      source: sourceLine(read, runs),
    }));
  };
  const [whole, light] = await Promise.all([text, JSON.stringify(trimmed)].map(readWholeReport));
  assert.deepEqual(saidOf(light), saidOf(whole));
  assert.ok(JSON.stringify(trimmed).length < 0.1 * text.length);
});
