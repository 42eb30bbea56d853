// Every button that changes something: it opens a dialog that says what will happen and asks why, and only then acts.

import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { announce } from './announce';

const reason_chars_max = 500;

export interface Deed {
  label: string; // of the button
  title: string; // of the dialog, a question
  confirm: string; // of the button that does it
  tone: 'good' | 'bad' | 'plain';
  reason: 'required' | 'optional' | 'none';
  reasonLabel: string;
  explain: ComponentChildren;
  done: string; // said afterwards
  act: (reason: string) => Promise<void>;
}

export function Act({
  deed,
  disabled = false,
  large = false,
}: {
  deed: Deed;
  disabled?: boolean;
  large?: boolean;
}) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class={`act act-${deed.tone}${large ? ' act-large' : ''}`}
        disabled={disabled}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}>
        {deed.label}
      </button>
      {open && <Confirmation deed={deed} close={() => setOpen(false)} />}
    </>
  );
}

function Confirmation({ deed: latest, close }: { deed: Deed; close: () => void }) {
  // What was confirmed is what was shown: a live update below must not change the deed under the reader's thumb.
  const [deed] = useState(latest);
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');

  useLayoutEffect(() => dialog.current?.showModal(), []);

  const missing = deed.reason === 'required' && reason.trim() === '';
  const go = async (event: Event) => {
    event.preventDefault();
    if (busy || missing) return;
    setBusy(true);
    setError('');
    try {
      await deed.act(reason.trim());
      if (deed.done) announce(deed.done);
      dialog.current?.close();
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
      setBusy(false);
    }
  };

  return (
    <dialog
      ref={dialog}
      class="confirmation"
      aria-labelledby={`${id}title`}
      onClose={close}
      onCancel={(event) => busy && event.preventDefault()}>
      <form onSubmit={go}>
        <h2 id={`${id}title`} tabIndex={-1} autofocus={deed.reason !== 'required'}>
          {deed.title}
        </h2>
        <div class="explain">{deed.explain}</div>
        {deed.reason !== 'none' && (
          <>
            <label for={`${id}reason`}>
              {deed.reasonLabel}{' '}
              <span class="hint">
                {deed.reason === 'required' ? 'on record' : 'on record, may be empty'}
              </span>
            </label>
            <textarea
              id={`${id}reason`}
              rows={3}
              maxLength={reason_chars_max}
              value={reason}
              autofocus={deed.reason === 'required'}
              required={deed.reason === 'required'}
              disabled={busy}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </>
        )}
        {error && (
          <p class="failure" role="alert">
            {error}
          </p>
        )}
        <div class="buttons">
          <button type="button" disabled={busy} onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={`act act-${deed.tone}`} disabled={busy || missing}>
            {busy ? 'Working…' : deed.confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}
