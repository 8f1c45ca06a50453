/** What a frame cost, as the progress picture tells it: text with two decimals. */
import type { FrameRow } from '@croft/contract';
import type { FrameFacts } from '@croft/farm';

export interface FrameFees {
  feeAmount: string;
  couponFee: string;
}

/** Frames have no price on this farm yet, so both are nothing. */
export function frameFees(_frame: FrameRow & FrameFacts): FrameFees {
  return { feeAmount: '0.00', couponFee: '0.00' };
}
