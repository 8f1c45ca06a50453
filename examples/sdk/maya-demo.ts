/** A Maya scene with Arnold; its first frame is rendered first, and the rest waits. */
import { runDemo } from './render-with-sdk.ts';

await runDemo(
  { softwareVersion: '2019', projectName: 'Project1', pluginConfig: { mtoa: '3.2.1.1' } },
  { pre_frames: '100', stop_after_test: '1' },
);
