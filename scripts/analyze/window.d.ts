// What the page offers to scripts as `window.gatescope`.

interface LeftOut {
  name: string;
  detail: string;
}

interface Inventory {
  problems: { message?: string }[];
  base: { tensors: number } | null;
  fisher?: { tensors: number } | null;
  runs: { tensors: number; pairs: number; left_out: LeftOut[] }[];
}

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
    /** The report's table as CSV. */
    csv(report: string): Promise<string>;
  };
}
