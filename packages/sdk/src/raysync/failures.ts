/** A refusal of the raysync service: `code` and `message` as its answers carry them; rayvision_sync raises RaysyncAPIError. */
export class RaysyncFailure extends Error {
  readonly code: number;

  constructor(code: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

export function raysyncFailure(code: number, message: string, cause?: unknown): RaysyncFailure {
  return new RaysyncFailure(code, message, cause);
}
