// Times as people read them. Everything is told in the reader's own zone; the exact instant is in each title.

import { useEffect, useState } from 'preact/hooks';
import { engineClock } from './clock';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

// "23 h 59 min", "4 min 10 s", "1.4 s", "96 ms": two units at most.
export function duration(ms: number): string {
  if (ms < second) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * second) return `${Math.round(ms / 100) / 10} s`;
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  const pair = (big: number, unit: string, small: number, part: string) => {
    const rest = Math.floor((ms % big) / small);
    return `${Math.floor(ms / big)} ${unit}${rest > 0 ? ` ${rest} ${part}` : ''}`;
  };
  if (ms < hour) return pair(minute, 'min', second, 's');
  if (ms < day) return pair(hour, 'h', minute, 'min');
  return pair(day, 'd', hour, 'h');
}

// "24 h", "4 min", "10 s", "1.4 s": the largest unit alone, for tables of many.
export function roughly(ms: number): string {
  if (ms < minute) return duration(ms);
  const [big, unit] = ms < hour ? [minute, 'min'] : ms < day ? [hour, 'h'] : [day, 'd'];
  const count = ms / Number(big);
  return `${count < 10 ? Math.round(count * 10) / 10 : Math.round(count)} ${unit}`;
}

// "just now", "4 min ago", "3 h ago", "2 d ago"
export function ago(ms: number): string {
  if (ms < 10 * second) return 'just now';
  if (ms < minute) return `${Math.floor(ms / second)} s ago`;
  if (ms < hour) return `${Math.floor(ms / minute)} min ago`;
  if (ms < day) return `${Math.floor(ms / hour)} h ago`;
  return `${Math.floor(ms / day)} d ago`;
}

// "14:03:22" today, "23 Nov, 14:03" on another day
export function clockTime(iso: string): string {
  const at = new Date(iso);
  if (at.toDateString() === new Date(engineClock.now()).toDateString())
    return at.toLocaleTimeString(undefined, { hour12: false });
  return at.toLocaleString(undefined, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  });
}

export const dayAndTime = (iso: string): string =>
  new Date(iso).toLocaleString(undefined, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  });

// The engine's time, drawn anew every `every_ms`.
export function useNow(every_ms: number): number {
  const [now, set] = useState(engineClock.now());
  useEffect(() => {
    const draw = () => set(engineClock.now());
    const timer = setInterval(draw, every_ms);
    const off = engineClock.onJump(draw);
    return () => {
      clearInterval(timer);
      off();
    };
  }, [every_ms]);
  return now;
}
