import { HEADER_PLAIN_SIZE } from '@croft/contract';
import { transferErrors } from '../../errors.ts';
import { unzstd, ZSTD } from '../../formats/zstd-body.ts';
import type { HttpAnswer } from './http-answer.ts';

/** The plain bytes of an answer's body, which came as `chunks`. TRANSFER_UNREACHABLE where it is damaged: it is asked for again. */
export function plainBody(
  answer: Pick<HttpAnswer, 'header'>,
  chunks: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  if (answer.header('content-encoding') !== ZSTD) return chunks;
  const plainBytes = Number(answer.header(HEADER_PLAIN_SIZE) ?? Number.NaN);
  if (!Number.isSafeInteger(plainBytes) || plainBytes < 0)
    throw transferErrors.TRANSFER_ANSWER_INVALID('a compressed answer does not say how long it is');
  return unzstd(chunks, plainBytes, (why) => transferErrors.TRANSFER_UNREACHABLE(why));
}
