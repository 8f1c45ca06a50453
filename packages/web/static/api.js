/** Speaks to the native API with the session cookie. Errors are thrown as `ApiError` with the farm's own sentence. */
import { learnFarmTime } from './times.js';

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
  learnFarmTime(response.headers.get('date'));
  if (response.ok) return response;
  throw new ApiError(await response.json().catch(() => null), response.status);
}

export const getJson = async (path) => (await request(path)).json();
export const getText = async (path) => (await request(path)).text();

/** A change; the header proves that a page of this farm asks for it. */
export async function postJson(path, body = {}) {
  const response = await request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-croft-csrf': '1' },
    body: JSON.stringify(body),
  });
  return response.json();
}

/** Trades the one-time code of the sign-in link for a cookie. */
export const signIn = (code) => postJson('/sessions', { code });

/** Trades a name and its password for a cookie. */
export const signInByPassword = (account, password) => postJson('/sessions/password', { account, password });

/** Where the browser fetches a published file; `inline` shows pictures in place instead of saving them. */
export function fileUrl(taskId, path, inline = false) {
  return `api/v1/tasks/${taskId}/results/file?path=${encodeURIComponent(path)}${inline ? '&inline=1' : ''}`;
}
