import { MINUTE } from '@croft/contract';

/** How much longer than the farm's a node's clock may say something took: clocks drift and jump. */
export const CLOCK_SLACK_MS = MINUTE;
