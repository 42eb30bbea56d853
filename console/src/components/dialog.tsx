// A question in front of the page: what will happen, what is needed for it, and two buttons.

import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { announce } from './announce';

export function Dialog({
  title,
  confirm,
  tone,
  ready,
  act,
  done,
  close,
  focusTitle = false,
  wide = false,
  children,
}: {
  title: string;
  confirm: string;
  tone: 'good' | 'bad' | 'plain';
  ready: boolean; // to be confirmed
  act: () => Promise<void>;
  done: string; // said afterwards
  close: () => void;
  focusTitle?: boolean; // where nothing is to be filled in
  wide?: boolean;
  children: (busy: boolean) => ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');

  useLayoutEffect(() => dialog.current?.showModal(), []);

  const go = async (event: Event) => {
    event.preventDefault();
    if (busy || !ready) return;
    setBusy(true);
    setError('');
    try {
      await act();
      if (done) announce(done);
      dialog.current?.close();
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
      setBusy(false);
    }
  };

  return (
    <dialog
      ref={dialog}
      class={`confirmation${wide ? ' wide' : ''}`}
      aria-labelledby={`${id}title`}
      onClose={close}
      onCancel={(event) => busy && event.preventDefault()}>
      <form onSubmit={go}>
        <h2 id={`${id}title`} tabIndex={-1} autofocus={focusTitle}>
          {title}
        </h2>
        {children(busy)}
        {error && (
          <p class="failure" role="alert">
            {error}
          </p>
        )}
        <div class="buttons">
          <button type="button" disabled={busy} onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={`act act-${tone}`} disabled={busy || !ready}>
            {busy ? 'Working…' : confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}
