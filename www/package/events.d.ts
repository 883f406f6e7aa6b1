// What `analyze` is given and what it tells.
import type { Progress } from '../engine/progress.js';
import type { Settings as AllSettings } from '../report/model.js';
import type { Report, TensorReport } from '../report/report.js';

/** A file of a checkpoint: a `File`, or a blob with its name. */
export type CheckpointFile = File | { name: string; blob: Blob };

/** A checkpoint: its files (safetensors, index, config), with a name or without. */
export type Checkpoint =
  readonly CheckpointFile[] | { name?: string; files: readonly CheckpointFile[] };

/** Those that are left out have their defaults. */
export type Settings = Partial<AllSettings>;

export interface AnalyzeOptions {
  /** Sparse deltas do not need one. */
  base?: Checkpoint | null;
  /** One tuned checkpoint, or several of the same base. */
  tuned: Checkpoint | readonly Checkpoint[];
  /** The diagonal Fisher, or Adam's `exp_avg_sq`, of the base. */
  fisher?: Checkpoint | null;
  settings?: Settings;
  /** Cancels at once, within a tensor. */
  signal?: AbortSignal;
  /** The address of `gatescope/worker.js`; by default the file beside the module. */
  workerUrl?: string | URL;
  /** The address of `gatescope/gatescope_bg.wasm`; by default the file beside the module. */
  wasmUrl?: string | URL;
  /**
   * Whether finished tensors are kept in the browser's database, and taken from there when the
   * same comparison runs again; false by default.
   */
  resume?: boolean;
  /**
   * Whether a cancelled comparison still gives the report of what was finished, as `partial`;
   * false by default.
   */
  partial?: boolean;
}

export type ProgressEvent = { type: 'progress' } & Progress;

/** A tensor that is finished; `run` is the place of its checkpoint in `tuned`. */
export interface TensorEvent {
  type: 'tensor';
  run: number;
  tensor: TensorReport;
}

/** The last event: the report, and the same as the text of a report.json. */
export interface ReportEvent {
  type: 'report';
  report: Report;
  text: string;
}

export type ComparisonEvent = ProgressEvent | TensorEvent | ReportEvent;

export type { BackendInfo, Report, Run, TensorReport } from '../report/report.js';
