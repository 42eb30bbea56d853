// What narrows a list down: a search box that "/" reaches from anywhere on the page, and choices.

import { useLayoutEffect, useRef } from 'preact/hooks';
import { severities } from '../words';
import { isTyping } from './keys';

export function Search({
  text,
  placeholder,
  change,
}: {
  text: string;
  placeholder: string;
  change: (text: string) => void;
}) {
  const box = useRef<HTMLInputElement>(null);
  // Before the page is seen: who is quick with the keyboard is heard.
  useLayoutEffect(() => {
    const slash = (event: KeyboardEvent) => {
      if (event.key !== '/' || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey)
        return;
      event.preventDefault();
      box.current?.focus();
    };
    addEventListener('keydown', slash);
    return () => removeEventListener('keydown', slash);
  }, []);
  return (
    <label class="search">
      Search
      <input
        ref={box}
        type="search"
        value={text}
        placeholder={`${placeholder}  ( / )`}
        onInput={(event) => change(event.currentTarget.value)}
      />
    </label>
  );
}

export function SeverityChoice({ of, change }: { of: string; change: (severity: string) => void }) {
  return (
    <label>
      Severity
      <select value={of} onChange={(event) => change(event.currentTarget.value)}>
        <option value="">all</option>
        {severities.map((severity) => (
          <option key={severity} value={severity}>
            {severity}
          </option>
        ))}
      </select>
    </label>
  );
}
