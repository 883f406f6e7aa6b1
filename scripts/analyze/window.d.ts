// What the page offers to scripts as `window.gatescope`.
import type { FoundRun } from '../../www/engine/analyser.d.ts';
import type { Outcome } from '../../www/report/outcome.js';
import type { CheckpointSummary } from '../../www/report/model.d.ts';

export interface Inventory {
  problems: { message?: string }[];
  base: CheckpointSummary | null;
  fisher?: CheckpointSummary | null;
  runs: (CheckpointSummary & FoundRun)[];
}

declare global {
  interface Window {
    gatescope: {
      ready: Promise<void>;
      /** Adds a tuned checkpoint and returns the selector of its file input. */
      addTuned(name: string): string;
      /** Adds a Fisher and returns the selector of its file input. */
      addFisher(name: string): string;
      inspect(): Promise<Inventory>;
      /** Analyses with these settings and returns the report. */
      run(settings: object): Promise<string>;
      /** The same as a file, and how its runs went. */
      compute(settings: object): Promise<{ blob: Blob; outcomes: Outcome[] }>;
      /** The report's table as CSV. */
      csv(report: string | Blob): Promise<string>;
    };
  }
}
