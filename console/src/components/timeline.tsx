// The story of one remediation or finding, as sentences with times.

import { useState } from 'preact/hooks';
import type { Line } from '../shapes';
import { clockTime, dayAndTime, duration } from '../when';
import { plural, sentence } from '../words';
import { Empty, Sentence } from './basic';

// The machine's own steps between the milestones.
const details = new Set(['call_intended', 'call_returned', 'runbook_event']);

const tones: Record<string, string> = {
  finding_opened: 'tone-bad',
  finding_reopened: 'tone-bad',
  finding_resolved: 'tone-good',
  approval_requested: 'tone-wait',
  step_waiting: 'tone-wait',
  halted: 'tone-bad',
  approved: 'tone-good',
  rejected: 'tone-bad',
  approval_expired: 'tone-bad',
  verified: 'tone-good',
  resolved: 'tone-good',
  escalated: 'tone-bad',
  planning_failed: 'tone-bad',
  plan_voided: 'tone-wait',
  retry_scheduled: 'tone-wait',
  rollback_requested: 'tone-wait',
  rolled_back: 'tone-good',
  rollback_failed: 'tone-bad',
};

// Some kinds are good or bad by what they say.
const saysBad = /\bNON_COMPLIANT\b|^execution ended: (?!Success)|^the call failed/;
export const isBad = (line: Line): boolean =>
  tones[line.kind] === 'tone-bad' || saysBad.test(line.text);
const toneOf = (line: Line): string => (isBad(line) ? 'tone-bad' : (tones[line.kind] ?? ''));

export function Timeline({ of }: { of: Line[] }) {
  const [all, setAll] = useState(false);
  if (of.length === 0) return <Empty>Nothing happened yet.</Empty>;
  const begun = Date.parse(of[0]!.time);
  const shown = of.filter((line) => all || !details.has(line.kind));
  const hidden = of.length - shown.length;
  return (
    <>
      <ol class="timeline">
        {shown.map((line, i) => (
          <li
            key={line.position ?? i}
            class={`${toneOf(line)}${details.has(line.kind) ? ' detail' : ''}`}>
            <time dateTime={line.time} title={`${dayAndTime(line.time)} (${line.time})`}>
              {clockTime(line.time)}
            </time>
            <span class="what">
              <span class="visually-hidden">{sentence(line.kind)}: </span>
              <Sentence text={line.text} />
              {line.reasons && line.reasons.length > 0 && <Reasons of={line.reasons} />}
            </span>
            <span class="after" title="since the beginning">
              {i > 0 && `+${duration(Date.parse(line.time) - begun)}`}
            </span>
          </li>
        ))}
      </ol>
      {(all || hidden > 0) && (
        <button type="button" class="quiet" aria-pressed={all} onClick={() => setAll(!all)}>
          {all ? 'Milestones only' : `Show ${plural(hidden, 'step')} between`}
        </button>
      )}
    </>
  );
}

export function Reasons({ of }: { of: string[] }) {
  return (
    <ul class="reasons">
      {of.map((reason, i) => (
        <li key={i}>{reason}</li>
      ))}
    </ul>
  );
}
