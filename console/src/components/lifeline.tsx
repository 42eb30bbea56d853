// Where a remediation stands on the way from finding to resolved, at a glance.

import { arrange } from '../difference';
import type { Remediation } from '../shapes';
import { clockTime, dayAndTime } from '../when';
import { isBad } from './timeline';
import { plural, sentence, stageText } from '../words';

interface Step {
  name: string;
  state: 'done' | 'now' | 'ahead' | 'skipped' | 'bad';
  note: string;
  at?: string;
}

// Which step a stage is in; the ends are beyond the last.
const position: Record<string, number> = {
  opened: 1,
  deferred: 1,
  planning: 2,
  planned: 3,
  awaiting_approval: 3,
  ready: 4,
  executing: 4,
  verifying: 5,
  retrying: 4,
  rolling_back: 6,
};
const ends = new Set(['resolved', 'rolled_back', 'escalated', 'closed']);

export function steps(of: Remediation, asked: boolean): Step[] {
  const last = (...kinds: string[]) => of.timeline.findLast((line) => kinds.includes(line.kind));
  const proofs: [name: string, kinds: string[], note: string][] = [
    ['Finding', ['remediation_opened'], ''],
    ['Decision', ['decided'], of.decision ?? ''],
    [
      'Plan',
      ['planned'],
      of.plan
        ? plural(arrange(of.plan.difference).flatMap((one) => one.fields).length, 'field')
        : '',
    ],
    [
      'Approval',
      ['approved', 'rejected', 'approval_expired'],
      of.approvals.at(-1)?.principal ?? '',
    ],
    ['Execution', ['execution_ended'], ''],
    ['Verification', ['verified'], ''],
    [
      ends.has(of.stage) || of.stage === 'rolling_back' ? stageText(of.stage) : 'Resolved',
      [
        'resolved',
        'rolled_back',
        'escalated',
        'closed',
        'rejected',
        'approval_expired',
        'rollback_failed',
      ],
      '',
    ],
  ];
  const ended = ends.has(of.stage);
  const now = ended ? proofs.length : (position[of.stage] ?? 0);
  return proofs.map(([name, kinds, note], i) => {
    const proof = last(...kinds);
    const at = proof && { at: proof.time };
    const refused = proof !== undefined && isBad(proof);
    const bad_end = i === 6 && (of.stage === 'escalated' || of.stage === 'closed');
    if (i === now)
      return { name, state: 'now', note: asked && i !== 3 ? 'Asks a person' : stageText(of.stage) };
    if (i > now) return { name, state: 'ahead', note: '' };
    if (proof || i === 0)
      return { name, state: refused || bad_end ? 'bad' : 'done', note: sentence(note), ...at };
    return { name, state: 'skipped', note: unneeded(of, name) ?? 'Not reached' };
  });
}

// Why a step was passed over, if there was no need of it.
function unneeded(of: Remediation, name: string): string | undefined {
  if (of.plan?.writes.length === 0 && (name === 'Approval' || name === 'Execution'))
    return 'Not needed';
  if (name !== 'Approval' || of.executions.length === 0) return undefined;
  return of.plan && of.plan.approvals.length > 0 ? 'Within the runbook' : 'Not needed';
}

const spoken: Record<Step['state'], string> = {
  done: 'done',
  now: 'under way',
  ahead: 'ahead',
  skipped: 'skipped',
  bad: 'ended here',
};

export function Lifeline({ of, asked }: { of: Remediation; asked: boolean }) {
  return (
    <ol class="lifeline" aria-label="Where it stands">
      {steps(of, asked).map((step, i) => (
        <li
          key={i}
          class={`step-${step.state}`}
          aria-current={step.state === 'now' ? 'step' : undefined}>
          <span class="step-name">
            {step.name}
            <span class="visually-hidden">: {spoken[step.state]}</span>
          </span>
          <span class="step-note" title={step.at ? dayAndTime(step.at) : undefined}>
            {step.note || (step.at && clockTime(step.at))}
          </span>
        </li>
      ))}
    </ol>
  );
}
