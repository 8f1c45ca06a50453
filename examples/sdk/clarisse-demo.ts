/** A Clarisse project; its first frame is rendered first, and the rest waits. */
import { runDemo } from './render-with-sdk.ts';

await runDemo(
  { softwareVersion: 'clarisse_ifx_4.0_sp3', projectName: 'Project1' },
  { pre_frames: '100', stop_after_test: '1' },
);
