/**
 * The port of a DCC or standalone renderer. One folder in `apps/` holds one app, its `index.ts` exports `app`, and that
 * is all there is to adding one: `app-catalogue.ts` finds the folders, and nothing else names an app.
 *
 * analyse and plan are pure of the machine they run on: analyse reads through `SceneFiles` only, plan reads nothing.
 * detect, localise and launch run on a node; the node starts the process, feeds and watches it, and owns all limits.
 */
import type { FailureClass, FrameRun, OrderedFrame } from '@croft/contract';

export interface App {
  /** Folder name, also in nodes, orders and logs: `blender`. */
  readonly id: string;
  /** `cgId` of the Renderbus API, e.g. 2007. */
  readonly cgId: number;
  /** `cg_name` in task.json, e.g. `Blender`. */
  readonly name: string;
  /** Scene file extensions without the dot, lower case. */
  readonly extensions: readonly string[];
  /** Tips of its own, beyond the codes of the real SDK; the server tells what they mean. */
  readonly tips: readonly AppTip[];

  /** Whether the bytes are a scene of this app; content decides, not the extension. `head`: the first 4 KiB. */
  recognises(head: Uint8Array, extension: string): boolean;
  /** Scene file → facts. Throws a `CroftError` of the dcc catalogue on a file that is no usable scene. */
  analyse(files: SceneFiles, scenePath: string, options: AnalyseOptions): Promise<Analysis>;
  /** The four json files' settings → segments. Pure. Throws a `CroftError` on settings that cannot be rendered. */
  plan(task: PlanInput): TaskPlan;

  /** Finds installations on this machine and probes what they can do. */
  detect(probe: MachineProbe): Promise<Installation[]>;
  /** Makes the materialised inputs usable in place: rewrites absolute and foreign paths to where the files now are. */
  localise(work: WorkFolder): Promise<void>;
  /** How to start the app for a run of frames and how to speak to it. */
  launch(run: AppRun): Launch;
}

/** A tip code of an app's own: five digits from 60000 on, used by one app only. All of them are warnings. */
export interface AppTip {
  readonly code: string;
  /** What was found. */
  readonly en: string;
  readonly zh: string;
  /** What to do about it, also where that is nothing. */
  readonly solution: { readonly en: string; readonly zh: string };
  /** Whether a change of the scene puts it right. */
  readonly isRepairable: boolean;
}

/**
 * The files a scene can refer to, as the analyser sees them: the user's disk, a tree on the farm, or a test's memory.
 * Paths are the platform's own (`style`), absolute and normalised.
 */
export interface SceneFiles {
  readonly style: 'posix' | 'windows';
  /** null where there is no such file. Never throws for a path that merely does not exist or cannot be read. */
  stat(path: string): Promise<FileStat | null>;
  /** Names in a folder; empty where there is no such folder. At most 100,000. */
  list(folder: string): Promise<string[]>;
  /** Opens for ranged reads; the caller closes. */
  open(path: string): Promise<SceneFile>;
}

export interface FileStat {
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly mtimeMs: number;
}

export interface SceneFile {
  readonly size: number;
  /** Up to `length` bytes from `offset`; shorter only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface AnalyseOptions {
  /** Value of `project_name`. */
  readonly projectName?: string;
  /** Platform id as the API's, default 2. */
  readonly platform?: number;
  /** Overrides of what the scene says: frames as `1-10[1]`. */
  readonly frames?: string;
  /** Further folders in which files of foreign paths (another machine's drive) are looked for by their path's end. */
  readonly searchFolders?: readonly string[];
}

/** One file that the scene needs, and where the scene says it is. */
export interface Asset {
  /** Where the file is on this machine. */
  readonly local: string;
  /** Server path (`serverPathOf` of where the scene expects it): what upload.json says. */
  readonly server: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** What it is to the scene: image, sequence, library, cache, sound, font, clip, volume, script, scene. */
  readonly kind: string;
}

/** A file the scene refers to that is not there. */
export interface MissingAsset {
  /** As the scene spells it. */
  readonly raw: string;
  /** Where it was looked for. */
  readonly expected: string;
  readonly kind: string;
  /** The datablock or node that refers to it. */
  readonly owner: string;
}

export interface Analysis {
  /** The four files exactly as they are to be written, keys in the documented order. */
  readonly task: Record<string, unknown>;
  readonly asset: Record<string, unknown>;
  readonly upload: { scene: UploadPair[]; asset: UploadPair[] };
  readonly tips: Record<string, string[]>;
  readonly assets: readonly Asset[];
  readonly missing: readonly MissingAsset[];
  /** Sentences for the user, one a tip, in English. */
  readonly notes: readonly string[];
}

export interface UploadPair {
  readonly local: string;
  readonly server: string;
  /** MD5 of the scene file, hex; only on scenes, as the real SDK writes it. */
  readonly hash?: string;
}

export interface PlanInput {
  readonly taskId: number;
  /** task.json, validated by the contract's schema. */
  readonly taskFile: Record<string, unknown>;
}

/** What a task becomes. Segments are in rendering order; the farm adds ids. */
export interface TaskPlan {
  readonly appVersion: string;
  /** Server path of the scene, a tree path. */
  readonly scenePath: string;
  /** `framesRange` as the API shows it. */
  readonly framesRange: string;
  readonly segments: readonly SegmentPlan[];
  /** Frozen settings that `launch` gets back unread. */
  readonly settings: Record<string, unknown>;
  /** What a node must be able to do: abilities of `Installation`. */
  readonly needs: readonly string[];
  /** Camera that renders it; absent or empty where the scene decides. */
  readonly camera?: string;
  /**
   * Tasks of their own that this one is made of (render layers, a photon pass before the pictures), in rendering order.
   * Where there are some, `segments` is empty: a parent has no frames.
   */
  readonly children?: readonly ChildPlan[];
}

/** One child of a task: it has its parent's scene and inputs, and an id, frames and an output folder of its own. */
export interface ChildPlan {
  /** Render layer, or whatever tells it from its siblings. */
  readonly layerName: string;
  /** `taskType` of the API: the pictures, a photon pass, a simulation. */
  readonly taskType: 'Render' | 'RenderPhoton' | 'GopRender';
  /** Position of the sibling before it that must be done first; null for none. */
  readonly after: number | null;
  readonly framesRange: string;
  readonly segments: readonly SegmentPlan[];
  readonly settings: Record<string, unknown>;
  readonly needs: readonly string[];
  readonly camera?: string;
}

export interface SegmentPlan {
  /** `main`, `priority`, later `photon`, `simulation`, `composite` … */
  readonly stage: string;
  /** Frame type of the API, 1–9. */
  readonly frameType: number;
  /** Runs of frame numbers in rendering order, ends inclusive. */
  readonly runs: readonly FrameRun[];
  /** Frame numbers of one unit of work, ≥ 1. */
  readonly framesPerUnit: number;
  /** Pictures a frame is cut into, ≥ 1; more than 1 only with framesPerUnit 1. */
  readonly tiles: number;
  /** All frames of the segment must go to one node in one attempt, in order (simulations, movies). */
  readonly oneAttempt: boolean;
  /** After this segment the task waits for the user (stop_after_test = 1). */
  readonly pauseAfter: boolean;
}

/** What `detect` may use. */
export interface MachineProbe {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Runs a program without a shell, bounded in time and output; null where it cannot be started. */
  run(file: string, args: readonly string[], timeoutMs: number): Promise<ProbeResult | null>;
  /** Folder for probe scenes and pictures, emptied afterwards. */
  readonly scratch: string;
}
export interface ProbeResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Installation {
  readonly executable: string;
  readonly version: string;
  readonly abilities: readonly string[];
}

/** Inputs of one task, materialised: the tree path `/a/b` lies at `inputs/a/b`. */
export interface WorkFolder {
  readonly inputs: string;
  /** Tree path of the scene. */
  readonly scenePath: string;
}

export interface AppRun {
  readonly installation: Installation;
  readonly work: WorkFolder;
  /** Folder for everything the app writes for results; expected outputs lie below it. */
  readonly outputs: string;
  /** Empty folder for user settings, temp and caches of the app. */
  readonly scratch: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Frames of the run; a session may get more later. */
  readonly frames: readonly OrderedFrame[];
  /** Threads the app may use; 0 = all. */
  readonly threads: number;
  /** Unguessable text that marks the app's own messages on stdout, since a scene can print. */
  readonly nonce: string;
}

/**
 * How to run the app. In a `session` the app stays open: the node writes `request(frame)` for one frame at a time and
 * waits for its `frame-done` or `frame-failed`. In a `batch` all frames of the run are on the command line and the
 * process ends by itself. Either way lines of stdout and stderr go through `parse`.
 * The node closes stdin to end the app, and kills its process group when it does not end.
 */
export interface Launch {
  readonly mode: 'session' | 'batch';
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment; nothing of the node's is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Identifies the session that can serve another attempt: same key, same open scene. */
  readonly sessionKey: string;
  request(frame: OrderedFrame): string;
  parse(line: string, stream: 'stdout' | 'stderr'): AppEvent | null;
}

export type AppEvent =
  /** The scene is open; the first request may be sent. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'frame-started'; readonly frameId: number }
  | { readonly kind: 'progress'; readonly percent: number }
  /** The app says it is done; the node still checks every file. Paths are absolute, below `outputs`. */
  | { readonly kind: 'frame-done'; readonly frameId: number; readonly outputs: readonly AppOutput[] }
  | {
      readonly kind: 'frame-failed';
      /** null: the whole run cannot go on (the scene does not open). */
      readonly frameId: number | null;
      readonly failure: FailureClass;
      readonly code: string;
      readonly reason: string;
    };

/** A file the app was asked to write. */
export interface AppOutput {
  readonly file: string;
  readonly frame: number;
  readonly kind: 'main' | 'element' | 'data';
  readonly layer: string | null;
  readonly camera: string | null;
}
