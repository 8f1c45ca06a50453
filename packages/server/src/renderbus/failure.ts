/** What a thrown error is in the API's words. */
import { API_CODES, CroftError, coerceError } from '@croft/contract';
import * as z from 'zod';
import { serverErrors } from '../errors.ts';

/** Numbers of the API for errors that name none, by HTTP status. */
const CODE_BY_STATUS: Readonly<Record<number, number>> = {
  400: API_CODES.parameterInvalid.code,
  401: API_CODES.signatureInvalid.code,
  403: API_CODES.insufficientPermissions.code,
  404: API_CODES.resourceNotFound.code,
  413: API_CODES.illegalProtocol.code,
};

export interface Failure {
  code: number;
  /** One sentence for people; null for a bug, whose insides are nobody's business. */
  detail: string | null;
  hint: string | null;
  error: Error;
}

/** `isBug` failures are logged with their stack. */
export function failureOf(thrown: unknown): Failure & { isBug: boolean } {
  const error = coerceError(thrown);
  if (error instanceof CroftError) {
    const code = error.apiCode ?? CODE_BY_STATUS[error.status] ?? API_CODES.internalError.code;
    return { code, detail: error.message, hint: error.hint ?? null, error, isBug: error.status >= 500 };
  }
  // Fastify's own refusals (body too large, length wrong, …) carry a status.
  const status = 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500) {
    return { code: API_CODES.illegalProtocol.code, detail: error.message, hint: null, error, isBug: false };
  }
  return { code: API_CODES.internalError.code, detail: null, hint: null, error, isBug: true };
}

/** Checks a body: a required field that is absent or empty is 601, one of the wrong type or value 600. */
export function checkedRequest(schema: z.ZodType, body: unknown): unknown {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const name = issue.path.map(String).join('.') || 'the body';
  if (isEmpty(valueAt(body, issue.path)))
    throw serverErrors.API_PARAMETER_MISSING(`${name} is missing or empty`);
  throw serverErrors.API_PARAMETER_INVALID(
    `${name} is not valid: ${z.prettifyError(result.error).split('\n')[0]}`,
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}
