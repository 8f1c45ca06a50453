/** A Blender scene, from file to frames. */
import { runDemo } from './render-with-sdk.ts';

await runDemo({ projectName: 'Project1' });
