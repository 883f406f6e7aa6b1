// What all examples do: compare two checkpoints, say how far it is, and show the report.
import { tinyCheckpoint } from './tiny-checkpoint.js';

/** @param {typeof import('gatescope/analyze').analyze} analyze */
export async function showComparison(analyze, options = {}) {
  const status = document.getElementById('status');
  const comparison = analyze({
    base: tinyCheckpoint('base', 0),
    tuned: tinyCheckpoint('tuned', 1e-3),
    settings: { k: 8 },
    ...options,
  });
  let tensors = 0;
  try {
    for await (const event of comparison) {
      if (event.type === 'progress')
        status.textContent = `${Math.round(100 * event.fraction)} % of the work is done.`;
      if (event.type === 'tensor') tensors += 1;
      if (event.type === 'report') {
        status.textContent = `${tensors} tensors were compared.`;
        document.querySelector('gate-scope').report = event.report;
      }
    }
  } catch (error) {
    status.textContent = `${error.name}: ${error.message}`;
  }
}
