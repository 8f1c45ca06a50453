/** A Houdini scene with RenderMan; its first frame is rendered first, and the rest waits. */
import { runDemo } from './render-with-sdk.ts';

await runDemo(
  { softwareVersion: '17.5.293', projectName: 'Project1', pluginConfig: { renderman: '22.6' } },
  { pre_frames: '100', stop_after_test: '1' },
);
