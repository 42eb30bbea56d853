// One request to the REST API, and its errors as people read them.

import { signOut, token } from './session';

const root = '/api/v1';
const patience_ms = 30_000; // a scan or a rehearsal may take a while

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number, // 0: no answer came
    readonly code: string,
    readonly number: string,
  ) {
    super(message);
  }
}

export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const bearer = token();
  if (bearer !== null && !headers.has('authorization'))
    headers.set('authorization', `Bearer ${bearer}`);
  if (!headers.has('authorization')) throw new ApiError('You are signed out.', 401, 'denied', '');
  let response: Response;
  try {
    response = await fetch(root + path, {
      ...init,
      headers,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    const late = error instanceof DOMException && error.name === 'TimeoutError';
    throw new ApiError(
      late ? 'aright took too long to answer.' : 'aright does not answer.',
      0,
      'unavailable',
      '',
    );
  }
  if (response.ok) return response;
  if (response.status === 401) signOut();
  throw await errorOf(response);
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    const { error } = (await response.json()) as {
      error: { code: string; number?: string; message: string };
    };
    return new ApiError(error.message, response.status, error.code, error.number ?? '');
  } catch {
    return new ApiError(`aright answered ${response.status}.`, response.status, 'internal', '');
  }
}

export async function get<T>(path: string): Promise<T> {
  const response = await ask(path, { signal: AbortSignal.timeout(patience_ms) });
  return (await response.json()) as T;
}

export async function post<T>(path: string, body: object): Promise<T> {
  const response = await ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(patience_ms * 4),
  });
  return (await response.json()) as T;
}
