/** Speaks to the native API with the session cookie. Errors are thrown as `ApiError` with the farm's own sentence. */

export class ApiError extends Error {
  constructor(body, status) {
    super(body?.message ?? 'The farm did not answer as expected.');
    this.code = body?.code ?? 'UNKNOWN';
    this.hint = body?.hint ?? '';
    this.status = status;
  }
}

async function request(path, init) {
  let response;
  try {
    response = await fetch(`api/v1${path}`, { credentials: 'same-origin', ...init });
  } catch {
    throw new ApiError(
      { code: 'UNREACHABLE', message: 'The farm cannot be reached.', hint: 'Is it still running?' },
      0,
    );
  }
  if (response.ok) return response;
  throw new ApiError(await response.json().catch(() => null), response.status);
}

export const getJson = async (path) => (await request(path)).json();
export const getText = async (path) => (await request(path)).text();

/** Trades the one-time code of the sign-in link for a cookie. */
export async function signIn(code) {
  await request('/sessions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-croft-csrf': '1' },
    body: JSON.stringify({ code }),
  });
}

/**
 * Live events; `onState(true|false)` tells whether the stream stands. Each time it stands again, `onAgain` is called,
 * since what happened in between was missed.
 */
export function listen(onEvent, onState, onAgain) {
  const source = new EventSource('api/v1/events');
  let stood = false;
  source.onopen = () => {
    onState(true);
    if (stood) onAgain();
    stood = true;
  };
  source.onmessage = ({ data }) => onEvent(JSON.parse(data));
  source.onerror = () => {
    onState(false);
    // A browser gives up after an answer that is no stream (the session ended, a proxy's error page).
    if (source.readyState === EventSource.CLOSED) setTimeout(onAgain, 3000);
  };
  return () => source.close();
}
