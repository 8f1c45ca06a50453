/** What a frame cost, as the progress picture tells it: text with at least two decimals. */
import type { FrameRow } from '@croft/contract';
import type { FrameFacts } from '@croft/farm';

export interface FrameFees {
  feeAmount: string;
  couponFee: string;
}

/** Empty where the charges are hidden from who looks, since every value of that reply is text. */
export function frameFees({ money }: FrameRow & FrameFacts): FrameFees {
  return { feeAmount: feeText(money.feeAmount), couponFee: feeText(money.couponFee) };
}

/** At least two decimals, at most the six that money has. */
function feeText(amount: number | null): string {
  return amount === null ? '' : amount.toFixed(6).replace(/0{1,4}$/, '');
}
