// The checkpoints that come with the page, compared.
import { run, show } from './actions.js';
import { messageOf } from '../report/message.js';
import { SAMPLE_SETTINGS, loadSampleReport, loadSamples } from './sample.js';
import { addTuned, store } from './state.js';

/**
 * Shows the sample: its report where the build has it, else that of a run. The user's own
 * checkpoints and settings stay as they are where nothing has to be computed.
 */
export async function trySample() {
  store.set({ phase: 'loading', problem: null, notes: [] });
  try {
    const file = await loadSampleReport();
    if (file) return show(file, { sampleShown: 'brought' });
  } catch {
    // A run gives the same report.
  }
  return computeSample();
}

/** Compares the checkpoints that come with the page. The user's own settings stay as they are. */
export async function computeSample() {
  store.set({ phase: 'loading', problem: null });
  let samples;
  try {
    samples = await loadSamples();
  } catch (error) {
    return store.set({
      phase: store.state.inventory ? 'found' : 'start',
      problem: messageOf(error),
    });
  }
  const { base, tuned } = samples;
  store.set({
    base,
    baseGuess: null,
    fromSample: true,
    fisher: null,
    tuned: [{ id: 1, name: '', files: null }],
  });
  tuned.forEach(({ name, files }) => addTuned(name, files));
  // A run that fails says so by itself.
  return run({ settings: { ...store.state.settings, ...SAMPLE_SETTINGS } }).catch(() => {});
}
