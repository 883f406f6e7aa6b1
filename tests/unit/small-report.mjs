// A whole report of four small tensors: of tests/reference/fixtures/tiny with k = 4, α = 0.1 and
// 0.3, and maps of 4 cells along a side, by the native program.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const packed = readFileSync(new URL('./small-report.json.gz', import.meta.url));

/** The report's text, with names of a test's own. */
export function smallReport({ base = 'base', runs = ['one', 'two'] } = {}) {
  const report = JSON.parse(gunzipSync(packed).toString());
  const [run] = report.runs;
  return {
    ...report,
    base: { ...report.base, name: base },
    runs: runs.map((name) => ({ ...run, checkpoint: { ...run.checkpoint, name } })),
  };
}
