import type { RateLimit } from '../pace/rate-limit.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { PaidAnswer } from './paid-answer.ts';

/** What the transfer door is asked. */
export interface DoorRequest {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Below `/transfer/v1`, encoded, with its query. */
  target: string;
  headers?: Record<string, string>;
  body?: {
    pieces: Iterable<Uint8Array>;
    type: string;
    /** All pieces together; counted where absent. */
    bytes?: number;
    /** Files, not lists: worth compressing. */
    isContent?: boolean;
    /** Where the pieces are compressed: what they unfold to. `sha256Hex` is that of the plain bytes. */
    plainBytes?: number;
    /** Where it is known already; else the pieces are hashed. */
    sha256Hex?: string;
  };
  /** The answer is files, not a list: it may come compressed. */
  wantsContent?: boolean;
  /** Takes the place of an answer that points elsewhere; without it that is an error. */
  follow?: (answer: HttpAnswer, signal: AbortSignal) => Promise<HttpAnswer>;
  signal?: AbortSignal | undefined;
  /** Of both bodies, the request's and the answer's. */
  limit?: RateLimit | undefined;
  /** The answer's body, where it is paid before it is asked for, not as it comes. */
  paid?: PaidAnswer | undefined;
  /** From the last byte sent to the answer, where it may take longer than usual. */
  answerWithinMs?: number;
  /** Told of each try that failed and is followed by another. */
  onTrouble?: (() => void) | undefined;
  /** Bytes of the body that went out; a failed try takes its bytes back with a negative call. */
  onSent?: (bytes: number) => void;
}
