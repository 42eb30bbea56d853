// Ctrl-K: a few letters of a page, a finding's resource, a remediation or a control lead there.

import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useLoaded } from '../resource';
import { to } from '../router';
import { sections } from '../sections';
import type { Control, Finding, RemediationSummary } from '../shapes';
import { resourceText, stageText } from '../words';

const shown_max = 9;

interface Goal {
  label: string;
  kind: string;
  place: string;
  said: string; // what is searched, in small letters
}

const goal = (label: string, kind: string, place: string, more = ''): Goal => ({
  label,
  kind,
  place,
  said: `${label} ${kind} ${more}`.toLowerCase(),
});

export function Palette() {
  const [open, setOpen] = useState(false);
  // Before the page is seen: who is quick with the keyboard is heard.
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      if (document.querySelector('dialog[open]')) return;
      event.preventDefault();
      setOpen(true);
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  return open ? <Finder close={() => setOpen(false)} /> : null;
}

function useGoals(): Goal[] {
  const findings = useLoaded<{ findings: Finding[] }>('/findings').data;
  const remediations = useLoaded<{ remediations: RemediationSummary[] }>('/remediations').data;
  const controls = useLoaded<{ controls: Control[] }>('/controls').data;
  return useMemo(
    () => [
      ...sections.map((one) => goal(one.label, 'page', to(one.path))),
      ...(findings?.findings ?? []).map((one) =>
        goal(
          resourceText(one.resource),
          `${one.status} finding`,
          to(['findings', one.id]),
          `${one.title} ${one.control} ${one.id}`,
        ),
      ),
      ...(remediations?.remediations ?? []).map((one) =>
        goal(
          resourceText(one.resource),
          `remediation, ${stageText(one.stage).toLowerCase()}`,
          to(['remediations', one.id]),
          `${one.title} ${one.control} ${one.id}`,
        ),
      ),
      ...(controls?.controls ?? []).map((one) =>
        goal(one.title, 'control', to(['controls'], { id: one.id }), one.id),
      ),
    ],
    [findings, remediations, controls],
  );
}

function Finder({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const goals = useGoals();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  useLayoutEffect(() => dialog.current?.showModal(), []);

  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = goals.filter((one) => words.every((word) => one.said.includes(word)));
  const shown = found.slice(0, shown_max);
  const go = (one: Goal | undefined) => {
    if (!one) return;
    dialog.current?.close();
    location.hash = one.place;
  };
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Enter') go(shown[at]);
    else if (step !== 0) setAt((at + step + shown.length) % Math.max(shown.length, 1));
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} class="confirmation palette" aria-label="Find" onClose={close}>
      <input
        type="text"
        role="combobox"
        aria-label="Find a page, a finding, a control"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={shown[at] ? `palette-${at}` : undefined}
        placeholder="Find a page, a finding, a control"
        spellcheck={false}
        autocomplete="off"
        autofocus
        value={text}
        onKeyDown={move}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
      />
      <ul id="palette-list" role="listbox" aria-label="Found">
        {shown.map((one, i) => (
          <li
            key={one.place}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === at}
            onPointerMove={() => setAt(i)}
            onClick={() => go(one)}>
            <span class="name">{one.label}</span>
            <span class="hint">{one.kind}</span>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p class="empty">Nothing is called so.</p>}
      {found.length > shown.length && (
        <p class="hint">{found.length - shown.length} more; write a little more.</p>
      )}
    </dialog>
  );
}
