// What scripts find at the page's window.
import type { Progress } from '../engine/progress.js';
import type { Outcome } from '../report/outcome.js';
import type { Settings } from '../report/model.js';

export interface Hook {
  ready: Promise<true>;
  addTuned(name: string): string;
  addFisher(name: string): string;
  inspect(): Promise<unknown>;
  run(settings?: Partial<Settings>): Promise<string>;
  compute(settings?: Partial<Settings>): Promise<{ blob: Blob; outcomes: Outcome[] }>;
  csv(report: string | Blob): Promise<string>;
}

declare global {
  interface Window {
    gatescope?: Hook;
    /** Called with the progress of a run, where a script has set it. */
    gatescopeProgress?: (progress: Progress) => void;
  }
}
