// Tells the pages that the ledger grew, so that they read again: by the event stream while it lives, by asking for the
// ledger's size when it doesn't. What grew is not looked at: pages are small, and reading them anew cannot be wrong.

import { useEffect, useState } from 'preact/hooks';
import { ApiError, ask, get } from './api';
import type { LedgerPage } from './shapes';
import { onSession, token } from './session';
import { EventReader } from './sse';

export type Link = 'connecting' | 'live' | 'polling' | 'offline';

const silence_max_ms = 40_000; // the server comments every 15 s
const poll_ms = 3_000;
const retry_first_ms = 2_000;
const retry_max_ms = 30_000;
const tell_every_ms = 400; // at most this often, however fast the ledger grows

let link: Link = 'connecting';
let running = false;
let size = -1;
let telling: ReturnType<typeof setTimeout> | undefined;
const growth = new Set<() => void>();
const links = new Set<(link: Link) => void>();

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function become(next: Link): void {
  if (next === link) return;
  link = next;
  links.forEach((tell) => tell(link));
}

// Trailing edge: the last growth of a burst is never missed.
function grew(): void {
  if (telling !== undefined) return;
  telling = setTimeout(() => {
    telling = undefined;
    growth.forEach((tell) => tell());
  }, tell_every_ms);
}

// Returns when the stream ended, for whatever reason.
async function follow(): Promise<void> {
  const stop = new AbortController();
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const alive = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => stop.abort(), silence_max_ms);
  };
  const off = onSession(() => token() === null && stop.abort());
  alive();
  try {
    const response = await ask('/events', {
      headers: { accept: 'text/event-stream' },
      signal: stop.signal,
    });
    if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream'))
      return;
    become('live');
    grew(); // what happened before the stream began
    const events = new EventReader(() => grew());
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      events.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    off();
    clearTimeout(watchdog);
    stop.abort();
  }
}

async function poll(): Promise<void> {
  try {
    const page = await get<LedgerPage>('/ledger?from=-1&limit=1');
    become('polling');
    if (page.size !== size) grew();
    size = page.size;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0) become('offline');
  }
}

async function run(): Promise<void> {
  running = true;
  let retry_ms = retry_first_ms;
  while (token()) {
    const begun = performance.now();
    await follow().catch(() => undefined);
    if (performance.now() - begun > silence_max_ms) retry_ms = retry_first_ms;
    for (let waited = 0; waited < retry_ms && token(); waited += poll_ms) {
      await poll();
      await pause(Math.min(poll_ms, retry_ms));
    }
    retry_ms = Math.min(retry_ms * 2, retry_max_ms);
  }
  running = false;
  become('connecting');
}

// Starts following unless it is being done. Ends by itself when the session does.
export function followLedger(): void {
  if (!running) void run();
}

export function onGrowth(listener: () => void): () => void {
  growth.add(listener);
  return () => void growth.delete(listener);
}

export function useLink(): Link {
  const [now, set] = useState(link);
  useEffect(() => {
    links.add(set);
    set(link);
    return () => void links.delete(set);
  }, []);
  return now;
}
