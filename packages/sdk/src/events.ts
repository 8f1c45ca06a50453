/**
 * What the flow of a task tells while it runs. Progress is data: printers of the command line, a page or a program
 * decide how it looks. Additive only: new kinds and fields may come, none goes.
 */
import type { FramesCount } from '@croft/contract';

export const PHASES = ['analyse', 'check', 'upload', 'submit', 'render', 'download'] as const;
export type Phase = (typeof PHASES)[number];

export type RenderEvent =
  | { readonly phase: Phase; readonly state: 'started' }
  | { readonly phase: Phase; readonly state: 'done'; readonly elapsedMs: number }
  /** What the scene is and needs. */
  | {
      readonly phase: 'analyse';
      readonly state: 'found';
      readonly app: string;
      readonly files: number;
      readonly bytes: number;
      readonly missing: number;
      readonly notes: readonly string[];
    }
  /** The task exists on the farm from here on. */
  | {
      readonly phase: 'check';
      readonly state: 'created';
      readonly taskId: number;
      readonly warnings: readonly string[];
    }
  | ({ readonly phase: 'upload' | 'download' | 'verify' | 'scrub'; readonly state: 'moving' } & Movement)
  | {
      readonly phase: 'render';
      readonly state: 'frames';
      readonly frames: FramesCount;
      /** Guess from the frames done so far; null while there are none. */
      readonly msLeft: number | null;
      readonly waitingFor: readonly string[];
    }
  | {
      readonly phase: 'render';
      readonly state: 'frame';
      readonly frame: string;
      readonly status: number;
      readonly percent: number;
    }
  /** A finished file lies in its place. */
  | { readonly phase: 'download'; readonly state: 'file'; readonly file: string; readonly bytes: number };

export interface Movement {
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly bytesPerSecond: number;
  readonly msLeft: number | null;
}

export type OnEvent = (event: RenderEvent) => void;
