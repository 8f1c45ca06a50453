import { parseFrames } from '@croft/contract';
import type { PlanInput, SegmentPlan, TaskPlan } from '@croft/dcc';
import type { PlanningApp } from '../ports.ts';

/** Plans what a test writes into `scene_info`: `segments`, or `frames` as one main segment. */
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
      segments?: (Partial<SegmentPlan> & { frames: string })[];
    };
    const software = taskFile.software_config as { cg_version: string };
    const wishes = scene.segments ?? [{ frames: scene.frames }];
    return {
      appVersion: software.cg_version,
      scenePath: scene.scenePath,
      framesRange: scene.frames,
      settings: { engine: 'cycles' },
      needs: scene.needs,
      segments: wishes.map(({ frames, ...wish }) => ({
        stage: 'main',
        frameType: 5,
        framesPerUnit: 1,
        tiles: 1,
        oneAttempt: false,
        pauseAfter: false,
        ...wish,
        runs: parseFrames(frames),
      })),
    };
  },
};
