/** What a picture's header says, and how a file that is no whole picture is refused. */
import { nodeErrors } from '../errors.ts';

export interface HeaderFacts {
  readonly format: string;
  readonly width: number | null;
  readonly height: number | null;
  /** Channel names of the picture to show, where the format names channels. */
  readonly channels: readonly string[] | null;
  /** Whether `oiiotool` can decode it. */
  readonly isDecodable: boolean;
}

export function damaged(why: string): Error {
  return nodeErrors.NODE_OUTPUT_DAMAGED(`an output of the app ${why}`);
}
