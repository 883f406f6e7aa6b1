// The package's types in use: each error that is expected has to come.
import { analyze, GatescopeError } from 'gatescope/analyze';
import type { Report, Settings, TensorReport } from 'gatescope/analyze';

const settings: Settings = { k: 16, alphas: [0.1, 0.3] };

export async function compare(base: File[], tuned: File[][]): Promise<Report> {
  const { signal } = new AbortController();
  const comparison = analyze({ base, tuned, settings, signal, resume: true });
  const finished: TensorReport[] = [];
  for await (const event of comparison) {
    if (event.type === 'progress') console.log(event.fraction, event.seconds_left);
    else if (event.type === 'tensor') finished[event.run] = event.tensor;
    else console.log(event.text.length, event.report.runs[0]?.tensors[0]?.precision);
  }
  return comparison.report.catch((error: unknown) => {
    if (error instanceof GatescopeError && error.code === 'file') console.log(error.file);
    // @ts-expect-error There is no such code.
    if (error instanceof GatescopeError && error.code === 'nothing') console.log(error.file);
    throw error;
  });
}

// @ts-expect-error A tuned checkpoint is needed.
analyze({ base: null });
// @ts-expect-error There is no such setting.
analyze({ tuned: [new File([], 'model.safetensors')], settings: { rank: 8 } });
