// Leaving findings alone for a while, with a reason, an owner and an end.

import { useId, useState } from 'preact/hooks';
import { post } from '../api';
import { engineClock } from '../clock';
import type { Exception, Finding } from '../shapes';
import { plural, resourceText } from '../words';
import type { Deed } from './act';
import { When } from './basic';
import { Dialog } from './dialog';

const day_ms = 24 * 60 * 60_000;
const reason_chars_max = 500;
const spans: [label: string, days: number][] = [
  ['a week', 7],
  ['30 days', 30],
  ['90 days', 90],
  ['until somebody ends it', 0],
];
const remind_before_s = 7 * 24 * 60 * 60;

const pathOf = (finding: string, what = ''): string =>
  `/findings/${encodeURIComponent(finding)}/exception${what}`;

export function ExceptionDialog({
  of,
  close,
  after,
}: {
  of: Finding[];
  close: () => void;
  after: () => void;
}) {
  const id = useId();
  const [message, setMessage] = useState('');
  const [owner, setOwner] = useState('');
  const [compensating, setCompensating] = useState('');
  const [days, setDays] = useState(30);
  const act = async () => {
    const until = days > 0 ? new Date(engineClock.now() + days * day_ms).toISOString() : undefined;
    const body = {
      message: message.trim(),
      ...(until && { until }),
      ...(until && days * 24 * 3600 > remind_before_s && { remind_s: [remind_before_s] }),
      ...(owner.trim() && { owner: owner.trim() }),
      ...(compensating.trim() && { compensating_control: compensating.trim() }),
    };
    for (const finding of of) await post(pathOf(finding.id), body);
    after();
  };
  return (
    <Dialog
      title={of.length === 1 ? 'Leave this finding alone?' : `Leave ${of.length} findings alone?`}
      confirm="Make the exception"
      tone="plain"
      done={`${plural(of.length, 'exception')} made.`}
      ready={message.trim() !== ''}
      act={act}
      close={close}>
      {(busy) => (
        <>
          <p class="explain">
            {of.length === 1 ? (
              <>
                Nothing is done by itself about <b class="name">{resourceText(of[0]!.resource)}</b>{' '}
                until it ends.
              </>
            ) : (
              'Nothing is done about them by itself until it ends.'
            )}
          </p>
          <label for={`${id}message`}>
            Reason <span class="hint">on record</span>
          </label>
          <textarea
            id={`${id}message`}
            rows={2}
            maxLength={reason_chars_max}
            value={message}
            required
            autofocus
            disabled={busy}
            onInput={(event) => setMessage(event.currentTarget.value)}
          />
          <div class="form-row">
            <label>
              For
              <select
                value={String(days)}
                disabled={busy}
                onChange={(event) => setDays(Number(event.currentTarget.value))}>
                {spans.map(([label, value]) => (
                  <option key={value} value={String(value)}>
                    {label}
                  </option>
                ))}
              </select>
            </label>
            <label>
              Owner
              <input
                value={owner}
                placeholder="who answers for it"
                disabled={busy}
                onInput={(event) => setOwner(event.currentTarget.value)}
              />
            </label>
          </div>
          <label for={`${id}compensating`}>
            Compensating control <span class="hint">void when the resource stops meeting it</span>
          </label>
          <input
            id={`${id}compensating`}
            value={compensating}
            placeholder="id of a control, may be empty"
            disabled={busy}
            onInput={(event) => setCompensating(event.currentTarget.value)}
          />
        </>
      )}
    </Dialog>
  );
}

export function endExceptionDeed(finding: string, after: () => void): Deed {
  return {
    label: 'End…',
    title: 'End this exception?',
    confirm: 'End it',
    tone: 'plain',
    reason: 'none',
    reasonLabel: '',
    explain: <p>The finding is decided anew, and set right if the policy says so.</p>,
    done: 'The exception has ended.',
    act: async () => {
      await post(pathOf(finding, '/end'), {});
      after();
    },
  };
}

export function ExceptionEnd({ of }: { of: Exception }) {
  return of.until ? (
    <>
      until <When at={of.until} exact />
    </>
  ) : (
    <>until somebody ends it</>
  );
}
