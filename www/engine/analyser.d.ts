// What the analyser offers to its worker, and what it tells. The build writes types of its own
// beside the analyser, but at its border everything is `any` there.
import type {
  BackendChoice,
  BackendInfo,
  CheckpointSummary,
  Coverage,
  DeltaSummary,
  Dtype,
  LeftOut,
  Module,
  Overlap,
  Renaming,
  Settings,
  Shortened,
} from '../report/model.js';
import type { TensorReport } from '../report/report.js';
import type { Pack } from './packs.js';

/** A checkpoint as its files. */
export interface Files {
  name: string;
  /** `problem`: why a file cannot be read, where it is there by its name alone. */
  files: { name: string; blob: File; problem?: string }[];
}

/** What a session is opened with. */
export interface Input {
  base: Files | null;
  tuned: Files[];
  fisher?: Files | null;
}

export interface FoundRun {
  checkpoint: CheckpointSummary;
  /** How many tensors are compared, or listed by a delta without its base. */
  compared: number;
  parameters: number;
  bytes: number;
  left_out: LeftOut[];
  /** The rules by which names of one side were changed. */
  renamings?: Renaming[];
  /** The share of both checkpoints that can be compared; null without a base. */
  coverage?: Coverage | null;
  delta: DeltaSummary | null;
}

/** What was found, before anything is computed. */
export interface Inventory {
  base: CheckpointSummary | null;
  fisher: CheckpointSummary | null;
  runs: FoundRun[];
  /** What an analysis is expected to take; null where none can be planned. */
  estimate: Estimate | null;
}

/** What an analysis is expected to take, by shapes alone. */
export interface Estimate {
  /** Those of all runs together. */
  matrices: number;
  report_bytes: number;
  /** Of the largest task. */
  task_bytes: number;
  /** Of one core of the native program. */
  core_seconds: number;
}

/** One tensor to analyse, in all runs that have it. */
export interface Task {
  id: number;
  name: string;
  layer: number | null;
  module: Module;
  shape: number[];
  /** True for a matrix whose singular values are compared. */
  has_spectrum: boolean;
  transposed: boolean;
  dtype: Dtype;
  parameters: number;
  bytes: number;
  cost: number;
  runs: number[];
}

/** What the tasks of a run give, joined: tensors with the places of their runs. */
export interface Results {
  tensors: [run: number, report: TensorReport][];
  overlaps: Overlap[];
}

/** Seconds by stage. */
export type Stages = Record<string, number>;

export interface Session {
  free(): void;
  inventory(settings: Settings): Inventory;
  tasks(settings: Settings): Task[];
  /** How far the details of a report with these settings are shortened. */
  shortened(settings: Settings): Shortened | null;
  choose_backend(wanted: BackendChoice): Promise<BackendInfo>;
  analyze(
    id: number,
    settings: Settings,
    progress: (stage: string, fraction: number) => void,
  ): Promise<{ results: Results; stages: Stages; on_cpu?: string | null }>;
  begin_report(settings: Settings): void;
  /** Takes in the results of a task, as JSON. */
  add_results(text: string): void;
  /** Adds digests of the files to the report, and a few tensors computed again. */
  prove_report(seconds: number): Promise<void>;
  /** Hands over the report's text piece by piece. */
  finish_report(
    backend: BackendInfo,
    timings: { total: number; stages: Stages },
    created: string,
    write: (piece: Uint8Array<ArrayBuffer>) => void,
  ): void;
}

export interface Analyser {
  Session: { open(input: Input): Promise<Session> };
  generator(): string;
  report_csv(json: string): string;
}

/** One task's answer, as it crosses from the worker to the page and is kept. */
export interface TaskAnswer {
  /**
   * `Results` as JSON: one string crosses faster than thousands of small objects. Later the pack
   * that holds it.
   */
  results: string | Pack;
  stages: Stages;
  /** What failed is not kept. */
  failed: boolean;
  /** Why the CPU computed what a GPU was to. */
  onCpu?: string | null;
}
