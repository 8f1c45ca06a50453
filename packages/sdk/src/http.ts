/**
 * One HTTP exchange, with what can go wrong in it told apart: whether the request never arrived (safe to send again,
 * whatever it does) or may have arrived (safe only for calls that may be repeated). Redirects are not followed: they
 * would carry a signature of another path.
 */
import { type CroftError, coerceError, distrustOf, SECOND, systemCodesOf } from '@croft/contract';
import { sdkErrors } from './errors.ts';

/** The part of `fetch` that the SDK uses; tests pass a double. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

export const REQUEST_TIMEOUT_MS = 60 * SECOND;

/** Sends one request; throws SDK_FARM_UNREACHABLE, SDK_NOT_TRUSTED or SDK_CONNECTION_LOST, or the abort reason of `signal`. */
export async function exchange(
  fetcher: Fetch,
  url: URL,
  init: RequestInit & { timeoutMs?: number; signal?: AbortSignal },
): Promise<Response> {
  const { timeoutMs = REQUEST_TIMEOUT_MS, signal, ...rest } = init;
  const deadline = new AbortController();
  // Only the wait for the answer's head is bounded here: bodies stream, and their readers bound them.
  const timer = setTimeout(
    () => deadline.abort(new Error(`no answer in ${timeoutMs / SECOND} s`)),
    timeoutMs,
  );
  timer.unref();
  const either = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
  try {
    return await fetcher(url, { ...rest, redirect: 'manual', signal: either });
  } catch (thrown) {
    if (signal?.aborted) throw signal.reason;
    throw networkError(url, thrown);
  } finally {
    clearTimeout(timer);
  }
}

const NEVER_ARRIVED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name could not be looked up',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'the network cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  ERR_INVALID_URL: 'that is no address',
};

/** The error for whatever `fetch` or reading its body threw. */
export function networkError(url: URL, thrown: unknown): CroftError {
  const error = coerceError(thrown);
  const [code] = systemCodesOf(error);
  // fetch refuses some ports by itself (the Fetch standard's "bad ports") and gives no code.
  const isBadPort = error.cause instanceof Error && error.cause.message === 'bad port';
  const known = isBadPort ? 'no web server may use that port' : NEVER_ARRIVED[code ?? ''];
  if (known !== undefined) {
    return sdkErrors.SDK_FARM_UNREACHABLE(`the farm at ${url.origin} cannot be reached: ${known}`, {
      cause: error,
    });
  }
  const distrust = distrustOf(error);
  if (distrust !== null) {
    return sdkErrors.SDK_NOT_TRUSTED(`the certificate of ${url.origin} is not trusted (${distrust.code})`, {
      hint: distrust.hint,
      cause: error,
    });
  }
  return sdkErrors.SDK_CONNECTION_LOST(`the connection to ${url.origin} broke: ${reasonOf(error)}`, {
    cause: error,
  });
}

function reasonOf(error: Error): string {
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

/** The body as text, at most `limitBytes`, so that a wrong address cannot fill the memory. */
export async function readText(response: Response, url: URL, limitBytes: number): Promise<string> {
  if (!response.body) return '';
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  try {
    for await (const chunk of response.body) {
      size += chunk.byteLength;
      if (size > limitBytes)
        throw sdkErrors.SDK_REPLY_INVALID(`${url.origin} answers with more than ${limitBytes} bytes`);
      text += decoder.decode(chunk, { stream: true });
    }
  } catch (thrown) {
    if (thrown instanceof Error && 'exit' in thrown) throw thrown;
    throw networkError(url, thrown);
  }
  return text + decoder.decode();
}
