// What the keyboard does: "?" shows it, "g" and a letter go to a page, Ctrl-K finds one.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { sections } from '../sections';
import { to } from '../router';

const chord_ms = 5_000; // between "g" and its letter

const takesKeys = 'input:not([type=checkbox]):not([type=radio]), textarea, select, dialog[open]';
// A dialog that has just closed takes none, though it may still hold the focus.
export const isTyping = (event: KeyboardEvent): boolean =>
  event.target instanceof Element && event.target.closest(takesKeys) !== null;

const general: [keys: string, what: string][] = [
  ['Ctrl K', 'find a page, a finding, a control'],
  ['/', 'search in the list'],
  ['j k', 'down and up the rows'],
  ['Enter', 'open the row'],
  ['x', 'choose the row'],
  ['Esc', 'close'],
  ['?', 'these keys'],
];

export function Keys() {
  return (
    <dl class="keys">
      {general.map(([keys, what]) => (
        <Key key={keys} keys={keys} what={what} />
      ))}
      {sections.map(({ key, label }) => (
        <Key key={key} keys={`g ${key}`} what={label} />
      ))}
    </dl>
  );
}

function Key({ keys, what }: { keys: string; what: string }) {
  return (
    <div>
      <dt>
        {keys.split(' ').map((one) => (
          <kbd key={one}>{one}</kbd>
        ))}
      </dt>
      <dd>{what}</dd>
    </div>
  );
}

export function KeyHelp() {
  const [open, setOpen] = useState(false);
  // Before the page is seen: who is quick with the keyboard is heard.
  useLayoutEffect(() => {
    let chord = -chord_ms; // when "g" was pressed
    const pressed = (event: KeyboardEvent) => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '?') {
        event.preventDefault();
        setOpen(true);
      } else if (event.key === 'g') {
        chord = event.timeStamp;
      } else if (event.timeStamp - chord < chord_ms) {
        chord = -chord_ms;
        const section = sections.find((one) => one.key === event.key);
        if (section) location.hash = to(section.path);
      }
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  return open ? <Sheet close={() => setOpen(false)} /> : null;
}

function Sheet({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="confirmation wide" aria-labelledby="keys-title" onClose={close}>
      <h2 id="keys-title" tabIndex={-1} autofocus>
        Keys
      </h2>
      <Keys />
      <div class="buttons">
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}
