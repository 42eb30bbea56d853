// The switch that stops every write, or those of a part.

import { useId, useState } from 'preact/hooks';
import { post } from '../api';
import type { Halt, HaltScope } from '../shapes';
import type { Deed } from './act';
import { Dialog } from './dialog';

export function haltDeed(halted: boolean, again: () => void): Deed {
  return {
    label: halted ? 'Resume…' : 'Halt…',
    title: halted ? 'Let changes go on?' : 'Stop every change now?',
    confirm: halted ? 'Resume' : 'Halt',
    tone: halted ? 'good' : 'bad',
    reason: 'required',
    reasonLabel: 'Reason',
    done: halted
      ? 'Changes may go on.'
      : 'Halted. No write leaves aright until somebody resumes it.',
    explain: halted ? (
      <p>
        What waits goes on where it stopped. Plans whose resource moved meanwhile are made anew.
      </p>
    ) : (
      <p>
        No write reaches the cloud from now on, not even of remediations in flight. Reads, findings
        and approvals go on.
      </p>
    ),
    act: async (reason) => {
      await post('/halt', { on: !halted, reason });
      again();
    },
  };
}

export function resumeDeed(halt: Halt, again: () => void): Deed {
  return {
    label: 'Resume…',
    title: `Let changes of ${halt.what} go on?`,
    confirm: 'Resume',
    tone: 'good',
    reason: 'required',
    reasonLabel: 'Reason',
    done: `Changes of ${halt.what} may go on.`,
    explain: <p>What waits goes on where it stopped. Other halts stay.</p>,
    act: async (reason) => {
      await post('/halt', { on: false, reason, scope: halt.scope });
      again();
    },
  };
}

const parts: [of: keyof HaltScope, label: string, like: string][] = [
  ['control', 'Control', 'restricted-ssh'],
  ['account', 'Account', '111122223333'],
  ['region', 'Region', 'eu-central-1'],
  ['service', 'Service', 's3'],
];

// What falls into all that is said here is halted, and the rest goes on.
export function HaltPart({ again }: { again: () => void }) {
  const [open, setOpen] = useState(false);
  const [scope, setScope] = useState<HaltScope>({});
  const [reason, setReason] = useState('');
  const id = useId();
  const said = Object.fromEntries(
    Object.entries(scope).flatMap(([of, value]) => (value.trim() ? [[of, value.trim()]] : [])),
  );
  const act = async () => {
    await post('/halt', { on: true, reason: reason.trim(), scope: said });
    setScope({});
    setReason('');
    again();
  };
  return (
    <>
      <button type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        Halt a part…
      </button>
      {open && (
        <Dialog
          title="Stop the changes of a part?"
          confirm="Halt"
          tone="bad"
          done="Halted. The rest goes on."
          ready={Object.keys(said).length > 0 && reason.trim() !== ''}
          act={act}
          close={() => setOpen(false)}>
          {(busy) => (
            <>
              <p class="explain">What falls into all of these is not written from now on.</p>
              <div class="form-row">
                {parts.map(([of, label, like], i) => (
                  <label key={of}>
                    {label}
                    <input
                      value={scope[of] ?? ''}
                      placeholder={like}
                      autofocus={i === 0}
                      spellcheck={false}
                      disabled={busy}
                      onInput={(event) => setScope({ ...scope, [of]: event.currentTarget.value })}
                    />
                  </label>
                ))}
              </div>
              <label for={`${id}reason`}>
                Reason <span class="hint">on record</span>
              </label>
              <textarea
                id={`${id}reason`}
                rows={2}
                value={reason}
                required
                disabled={busy}
                onInput={(event) => setReason(event.currentTarget.value)}
              />
            </>
          )}
        </Dialog>
      )}
    </>
  );
}
