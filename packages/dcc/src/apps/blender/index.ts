/** Blender. */
import type { App } from '../../app.ts';
import { analyse } from './analyse.ts';
import { detect } from './detect.ts';
import { launch } from './launch.ts';
import { localise } from './localise.ts';
import { plan } from './plan.ts';
import { recognises } from './recognise.ts';
import { BLENDER_CG_ID } from './task-file.ts';
import { BLENDER_TIPS } from './tips.ts';

export const app: App = {
  id: 'blender',
  cgId: BLENDER_CG_ID,
  name: 'Blender',
  extensions: ['blend'],
  tips: Object.values(BLENDER_TIPS),
  recognises,
  analyse,
  plan,
  detect,
  localise,
  launch,
};
