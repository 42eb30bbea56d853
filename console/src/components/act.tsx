// Every button that changes something: it opens a dialog that says what will happen and asks why, and only then acts.

import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Dialog } from './dialog';

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
  const id = useId();
  const [reason, setReason] = useState('');
  const required = deed.reason === 'required';
  return (
    <Dialog
      title={deed.title}
      confirm={deed.confirm}
      tone={deed.tone}
      done={deed.done}
      ready={!required || reason.trim() !== ''}
      focusTitle={!required}
      act={() => deed.act(reason.trim())}
      close={close}>
      {(busy) => (
        <>
          <div class="explain">{deed.explain}</div>
          {deed.reason !== 'none' && (
            <>
              <label for={`${id}reason`}>
                {deed.reasonLabel}{' '}
                <span class="hint">{required ? 'on record' : 'on record, may be empty'}</span>
              </label>
              <textarea
                id={`${id}reason`}
                rows={3}
                maxLength={reason_chars_max}
                value={reason}
                autofocus={required}
                required={required}
                disabled={busy}
                onInput={(event) => setReason(event.currentTarget.value)}
              />
            </>
          )}
        </>
      )}
    </Dialog>
  );
}
