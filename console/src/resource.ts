// What a page shows: read when it opens, and again whenever the ledger grows. What was read before stays on the screen
// until the new is there.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get } from './api';
import { onGrowth } from './live';

export interface Loaded<T> {
  data: T | undefined;
  error: Error | undefined;
  again: () => void;
  put: (data: T) => void; // an answer that is newer than what was read
}

const remembered_max = 50;
const remembered = new Map<string, unknown>();

function remember(path: string, data: unknown): void {
  remembered.delete(path);
  remembered.set(path, data);
  for (const oldest of remembered.keys()) {
    if (remembered.size <= remembered_max) break;
    remembered.delete(oldest);
  }
}

export const forget = (): void => remembered.clear();

// All who ask for a path in one go, as they do when the ledger grew, share one request.
const asked = new Map<string, Promise<unknown>>();

function getOnce<T>(path: string): Promise<T> {
  const known = asked.get(path);
  if (known) return known as Promise<T>;
  const answer = get<T>(path);
  asked.set(path, answer);
  setTimeout(() => asked.delete(path));
  return answer;
}

// For what is dear to compute: as the ledger grows, it is read no more often than this.
export const calm_ms = 15_000;

// A null path reads nothing.
export function useLoaded<T>(path: string | null, every_ms = 0): Loaded<T> {
  const [, redraw] = useState(0);
  const error = useRef<Error | undefined>(undefined);
  const turn = useRef(0); // of the latest request: older answers are not shown
  const draw = useCallback(() => redraw((n) => n + 1), []);

  const again = useCallback(() => {
    if (path === null) return;
    const mine = ++turn.current;
    getOnce<T>(path).then(
      (data) => {
        if (mine !== turn.current) return;
        remember(path, data);
        error.current = undefined;
        draw();
      },
      (reason: unknown) => {
        if (mine !== turn.current) return;
        error.current = reason instanceof Error ? reason : new Error(String(reason));
        draw();
      },
    );
  }, [path]);

  const put = useCallback(
    (data: T) => {
      ++turn.current;
      if (path !== null) remember(path, data);
      draw();
    },
    [path],
  );

  useEffect(() => {
    error.current = undefined;
    again();
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const off = onGrowth(() => {
      if (every_ms === 0) return again();
      waiting ??= setTimeout(() => {
        waiting = undefined;
        again();
      }, every_ms);
    });
    return () => {
      ++turn.current;
      clearTimeout(waiting);
      off();
    };
  }, [path]);

  return { data: remembered.get(path ?? '') as T | undefined, error: error.current, again, put };
}
