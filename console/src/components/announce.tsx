// What just happened, said once: to the eye as a note at the foot of the page, to a screen reader politely.

import { useEffect, useState } from 'preact/hooks';

const shown_ms = 6_000;
let tell: ((text: string) => void) | undefined;

export const announce = (text: string): void => tell?.(text);

export function Announcer() {
  const [text, setText] = useState('');
  useEffect(() => {
    tell = setText;
    return () => void (tell = undefined);
  }, []);
  useEffect(() => {
    if (!text) return;
    const timer = setTimeout(() => setText(''), shown_ms);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class={`announcer${text ? ' speaking' : ''}`} role="status" aria-live="polite">
      {text}
    </div>
  );
}
