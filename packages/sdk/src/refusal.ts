/** What a farm says when it refuses a call of the native API. */
import { CroftError, type ErrorBody, EXIT } from '@croft/contract';
import { sdkErrors } from './errors.ts';

/** The error in a refusal: the farm's own where it sent one, else what the status says. */
export function refusal(url: URL, status: number, text: string): CroftError {
  const body = errorBodyIn(text);
  if (body) return CroftError.from(body);
  if (status === 401)
    return sdkErrors.SDK_KEY_REFUSED(`the farm at ${url.origin} does not accept this access key`);
  if (status === 403) return sdkErrors.SDK_FORBIDDEN('the farm does not allow it');
  if (status === 429 || status >= 502) {
    return sdkErrors.SDK_SERVER_BUSY(`the farm at ${url.origin} is not ready (HTTP ${status})`);
  }
  return sdkErrors.SDK_REPLY_INVALID(`${url.origin}${url.pathname} answers with HTTP ${status}`);
}

function errorBodyIn(text: string): ErrorBody | null {
  try {
    const parsed = JSON.parse(text);
    const body = parsed?.error ?? parsed;
    if (typeof body?.code !== 'string' || typeof body?.message !== 'string') return null;
    return { ...body, exit: typeof body.exit === 'number' ? body.exit : EXIT.refused };
  } catch {
    return null;
  }
}
