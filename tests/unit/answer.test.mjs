// The sentence places a run among what others published, and is not made where that says nothing.
import assert from 'node:assert/strict';
import test from 'node:test';
import '../../www/report/gaps.js';
import { composeAnswer } from '../../www/report/answer.js';
import { nameRun, shortenName } from '../../www/report/run-names.js';
import { matrix, report, run, spread, vector } from './answer-reports.mjs';

const answer = (of, { runs = of.runs.map((_, i) => i), run: place = 0, alpha = 0 } = {}) =>
  composeAnswer(of, { runs, run: place, alpha });
const text = ({ sentences }) =>
  sentences
    .map((parts) => parts.map((part) => part.text).join(''))
    .join(' ')
    .replaceAll('\u00a0', ' ');
const links = ({ sentences }) =>
  sentences.flat().flatMap(({ text: said, metric, filter }) => {
    const to = metric ?? filter;
    return to ? [`${said.replaceAll('\u00a0', ' ')} → ${to}`] : [];
  });

/** As the sample: off 86.7 % beside 98.8 %. */
const on = { off: 0.86, offChance: 0.99 };
const rlvr = () =>
  run(
    'rlvr-1',
    spread({ ...on, unchanged: 400, update: 1, nss: 4e-3, low: 0.4, excess: 100, angle: 20 }),
  );
const sft = () =>
  run('sft', [
    ...[0, 1, 2].map((layer) => matrix({ ...on, layer, unchanged: 100, update: 4.5 })),
    matrix({ ...on, layer: 3, unchanged: 100, update: 9 }),
  ]);

test('two runs: what the one in focus changed, where both lie, and how the other differs', () => {
  const made = answer(report([rlvr(), sft()]));
  assert.equal(
    text(made),
    'In rlvr-1, 92 % of weights differ in bf16; the relative update is 1.0 %. Against published ' +
      'runs: unchanged in bf16, spectrum (NSS) and spectral excess κ are in the SFT range; ' +
      'low-magnitude mask is between the two. Both runs are on-principal (14× random). The ' +
      'update of rlvr-1 is spread over the layers; that of sft is 6.0× larger, and 57 % of it ' +
      'is in layer 3.',
  );
  assert.deepEqual(links(made), [
    '92 % → sparsity_bf16',
    '1.0 % → relative_update',
    '14× → off_principal_share',
    '6.0× → relative_update',
    '57 % → layer:3',
  ]);
  assert.equal(made.note, null);
  assert.equal(made.sort, 'whole');
});

test('the other way round the other run is smaller', () => {
  assert.match(
    text(answer(report([rlvr(), sft()]), { run: 1 })),
    /57 % of the update of sft is in layer 3; that of rlvr-1 is 6\.0× smaller\.$/,
  );
});

test('one run alone is not compared with others', () => {
  assert.equal(
    text(answer(report([rlvr()])))
      .split('. ')
      .slice(2)
      .join('. '),
    'It is on-principal (14× random). Its update is spread over the layers.',
  );
  assert.match(text(answer(report([sft()]))), /\. 57 % of its update is in layer 3\.$/);
});

test('a hidden run is in no sentence', () => {
  const hidden = answer(report([rlvr(), sft()]), { runs: [0] });
  assert.ok(!text(hidden).includes('sft'));
});

test('no number but a dozen', () => {
  const numbers = text(answer(report([rlvr(), sft()]))).match(/(?<![-\w])\d[\d.]*/g);
  assert.ok(numbers.length <= 10, String(numbers));
});

test('eight runs alike are all runs; of eight that differ the groups are counted', () => {
  const eight = (off) => off.map((share, i) => run(`r${i + 1}`, spread({ ...on, off: share })));
  assert.match(
    text(answer(report(eight(Array(8).fill(0.86))))),
    /All runs are on-principal \(14× random\)\. All updates are spread over the layers\.$/,
  );
  assert.match(
    text(answer(report(eight([0.86, 0.9, 0.8, 0.999, 0.998, 0.86, 0.86, 0.86])))),
    /6 of 8 runs are on-principal \(10–20× random\), 2 are off-principal \(0\.10–0\.20×\)\./,
  );
  assert.match(
    text(answer(report(eight([0.86, 0.999, 0.999, 0.999, 0.999])))),
    /1 of 5 runs is on-principal \(14× random\), 4 are off-principal \(0\.10×\)\./,
  );
});

test('of few runs that differ each is named', () => {
  const runs = [0.86, 0.86, 0.999].map((off, i) => run(`r${i + 1}`, spread({ ...on, off })));
  assert.match(
    text(answer(report(runs))),
    /r1 and r2 are on-principal \(14× random\), r3 is off-principal \(0\.10×\)\./,
  );
});

test('within noise, a run is on neither side', () => {
  assert.match(
    text(answer(report([run('r', spread({ off: 0.9901 }))]))),
    /It is neither on- nor off-principal \(0\.99× random\)\./,
  );
});

test('where k covers all directions, the sentence says that nothing is known', () => {
  const small = run('r', spread({ shape: [100, 4] }));
  assert.match(
    text(answer(report([small]))),
    /Whether it is on-principal is not known: 4 of 4 matrices left out: .*try k = 2\./,
  );
  assert.match(text(answer(report([small, small]))), /Whether they are on-principal is not known/);
});

test('nothing is spread over fewer than two layers', () => {
  const single = run('one', [matrix({ ...on }), vector({ update: 0.001 })]);
  assert.match(text(answer(report([single]))), /It is on-principal \(14× random\)\.$/);
  const larger = run('two', [matrix({ ...on, update: 4 })]);
  assert.match(
    text(answer(report([single, larger]))),
    /random\)\. The update of two is 4\.0× larger than that of one\.$/,
  );
  const layered = run('many', spread({ ...on, update: 2 }));
  assert.match(
    text(answer(report([layered, single]))),
    /The update of many is spread over the layers; that of one is 2\.0× smaller\.$/,
  );
  // What stands out still does.
  const head = { ...matrix({ ...on, update: 9 }), layer: null, module: 'head' };
  assert.match(
    text(answer(report([single, run('r', [matrix(on), matrix(on), head])]))),
    / of it is in the head\.$/,
  );
});

test('what is concentrated outside the layers is named as such', () => {
  const head = { ...matrix({ ...on, update: 9 }), layer: null, module: 'head' };
  assert.match(
    text(answer(report([run('r', [...spread(on), head])]))),
    /95 % of its update is in the head\.$/,
  );
});

test('places in neither range, on one metric alone, and all counted', () => {
  const nowhere = {
    ...on,
    unchanged: 1400,
    nss: 1e-4,
    angle: 4,
    low: 0.5,
    principal: 0.5,
    excess: 9,
  };
  assert.match(
    text(answer(report([run('r', spread(nowhere))]))),
    /: unchanged in bf16, spectrum \(NSS\), .* and spectral excess κ are between the two\. It is/,
  );
  // Without matrices, and so without spectra, one metric is left.
  const one = (unchanged) =>
    text(
      answer(
        report([
          run('r', [
            {
              ...vector(),
              precision: { unchanged },
              update: { frobenius_update: 1, frobenius_base: 100 },
            },
          ]),
        ]),
      ),
    );
  assert.match(one(90), /%\. Against published runs: unchanged in bf16 is in the RLVR range\./);
  assert.match(one(25), /bf16 is between the two\./);
});

test('undefined values are left out, not written as 0', () => {
  const still = {
    ...vector(),
    precision: { unchanged: 50 },
    update: { frobenius_update: 0, frobenius_base: 0 },
  };
  assert.match(
    text(answer(report([run('r', [still])]))),
    /^In r, 50 % of weights differ in bf16\. Against published runs: unchanged in bf16 is /,
  );
});

test('a part of a model has no sentence, and neither has a cancelled run', () => {
  const cancelled = { partial: { finished: 2, total: 36, reason: 'cancelled' } };
  const part = answer(report([rlvr()], cancelled));
  assert.deepEqual([part.sort, part.sentences, part.signals], ['part', [], []]);
  assert.match(part.note, /^Part of the model: 2 of 36 tensors\. All values are of this part/);
  const layers = { settings: { k: 4, alphas: [0.3], layers: '0-1', comparison: null } };
  assert.match(answer(report([rlvr()], layers)).note, /^Part of the model: layers 0-1\./);
  const same = run('r', spread(), { model: { tensors: 4, parameters: 4, bit_equal: 4 } });
  assert.match(answer(report([same], layers)).note, /No weight of it differs\.$/);
});

test('a part of a model begins with the share of the weights that was compared', () => {
  const coverage = { base: 22_700, tuned: 22_700, compared: 2050, compared_tuned: 2050 };
  const lacking = { coverage, left_out: [{ name: 'x', reason: 'only_in_base', detail: '' }] };
  const made = answer(report([run('r', spread(), lacking)]));
  assert.equal(text(made), '9.03 % of the weights of the base (2.05 k of 22.7 k) were compared.');
  assert.match(made.note, /^Part of the model: without 1 left out\. All values are of this part/);
  const two = report([run('r', spread(), lacking), run('s', spread())]);
  assert.match(text(answer(two)), /^In r, 9\.03 % of the weights/);
});

test('steps have no sentence', () => {
  const steps = answer(
    report([rlvr()], { settings: { k: 4, alphas: [0.3], comparison: 'steps' } }),
  );
  assert.deepEqual([steps.sort, steps.sentences], ['step', []]);
  assert.match(steps.note, /^Steps of one run: /);
  const step = answer(report([run('r', spread(), { comparison: 'per_step' })]));
  assert.match(step.note, /^One step of a run: /);
});

const same = (name) =>
  run(name, spread({ unchanged: 5000, update: 0 }), {
    model: { key: 'model', tensors: 4, parameters: 20_000, bit_equal: 20_000 },
  });

test('identical checkpoints are said to be', () => {
  assert.equal(text(answer(report([same('a')]))), 'Identical to the base: no weight differs.');
  assert.equal(
    text(answer(report([same('a'), same('b')]))),
    'All are identical to the base: no weight differs.',
  );
  assert.equal(
    text(answer(report([same('a'), rlvr()]))),
    'a is identical to the base: no weight differs.',
  );
  assert.match(
    text(answer(report([rlvr(), same('a'), same('b')]))),
    /^In rlvr-1, 92 % .* It is on-principal .* a and b are identical to the base: no weight .*\.$/,
  );
});

test('an adapter has a sentence of its own, without a place', () => {
  const adapted = spread({ ...on, update: 2 }).map((tensor) => ({
    ...tensor,
    adapter: { rank: 8, scale: 2, touched: 5000, survives: 0.4, realized: 1, merge_error: 0.1 },
  }));
  const made = answer(report([run('lora', adapted)]));
  assert.equal(
    text(made),
    'lora is a LoRA adapter of rank 8: it moves the 4 matrices that it adapts by 2.0 % of their ' +
      'norm; after the merge in bf16, 40 % of the weights that it touches are changed. It is ' +
      'on-principal (14× random). Its update is spread over the layers.',
  );
  assert.deepEqual(made.signals, []);
  assert.match(made.note, /^Published ranges are of models trained in full/);
});

test('a delta without its base tells what it lists', () => {
  const listed = (density, changed = 12) =>
    run('d', [vector()], { model: { tensors: 0, listed: { tensors: 3, changed, density } } });
  const bare = (runs) => answer(report(runs, { base: null }));
  assert.equal(
    text(bare([listed(0.0512)])),
    'The delta of d lists 5.1 % of its weights as changed.',
  );
  assert.equal(
    text(bare([listed(0.05), listed(0.08)])),
    '2 deltas list 5.0 % to 8.0 % of their weights as changed.',
  );
  assert.equal(text(bare([listed(null)])), 'The delta of d lists 12 weights as changed.');
  assert.equal(text(bare([listed(null, 1)])), 'The delta of d lists 1 weight as changed.');
  assert.match(bare([listed(0.05)]).note, /^Without the base, /);
});

test('without any tensor there is no sentence', () => {
  const empty = answer(report([run('r', [])]));
  assert.deepEqual(
    [empty.sort, empty.sentences, empty.note],
    ['nothing', [], 'No tensor was compared.'],
  );
});

test('long names lose their middle', () => {
  assert.equal(shortenName('rlvr-1'), 'rlvr-1');
  assert.equal(shortenName('abcdefghij', 7), 'abc…hij');
  assert.equal(shortenName('x'.repeat(90)).length, 32);
  assert.equal(nameRun({ runs: [{ checkpoint: { name: '' } }] }, 0), 'run 1');
});
