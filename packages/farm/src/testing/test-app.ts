import { parseFrames } from '@croft/contract';
import type { ChildPlan, PlanInput, SegmentPlan, TaskPlan } from '@croft/dcc';
import type { PlanningApp } from '../ports.ts';

type SegmentWish = Partial<SegmentPlan> & { frames: string };
/** A child as a test wishes it; `frames` as one main segment where it names no segments. */
export type ChildWish = Partial<Omit<ChildPlan, 'segments'>> & { frames: string; segments?: SegmentWish[] };

/** Plans what a test writes into `scene_info`: `children`, `segments`, or `frames` as one main segment. */
export const testApp: PlanningApp = {
  id: 'blender',
  cgId: 2007,
  name: 'Blender',
  plan({ taskFile }: PlanInput): TaskPlan {
    const scene = taskFile.scene_info as {
      frames: string;
      scenePath: string;
      version: string;
      needs: string[];
      segments?: SegmentWish[];
      children?: ChildWish[];
    };
    const software = taskFile.software_config as { cg_version: string };
    const { children = [] } = scene;
    const own = scene.segments ?? [{ frames: scene.frames }];
    return {
      appVersion: software.cg_version,
      scenePath: scene.scenePath,
      framesRange: scene.frames,
      settings: { engine: 'cycles' },
      needs: scene.needs,
      segments: children.length > 0 ? [] : own.map(segmentOf),
      ...(children.length > 0 ? { children: children.map((child) => childOf(child, scene.needs)) } : {}),
    };
  },
};

function childOf({ frames, segments, ...wish }: ChildWish, needs: readonly string[]): ChildPlan {
  return {
    layerName: 'layer',
    taskType: 'Render',
    after: null,
    framesRange: frames,
    settings: { layer: wish.layerName ?? 'layer' },
    needs,
    ...wish,
    segments: (segments ?? [{ frames }]).map(segmentOf),
  };
}

function segmentOf({ frames, ...wish }: SegmentWish): SegmentPlan {
  return {
    stage: 'main',
    frameType: 5,
    framesPerUnit: 1,
    tiles: 1,
    oneAttempt: false,
    pauseAfter: false,
    ...wish,
    runs: parseFrames(frames),
  };
}
