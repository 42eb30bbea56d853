// What people do to a remediation: approve and reject the sealed plan, or the step that asks, and roll back; and to a
// run: end it.

import { post } from '../api';
import { blastRadius } from '../difference';
import type { Approval, Execution, Plan, Remediation } from '../shapes';
import { plural, resourceText, shortHash } from '../words';
import type { Deed } from './act';

const remediationPath = (id: string, what: string): string =>
  `/remediations/${encodeURIComponent(id)}/${what}`;

export function approveDeed(of: Remediation, plan: Plan, after: (now: Remediation) => void): Deed {
  return {
    label: 'Approve…',
    title: 'Approve this plan?',
    confirm: 'Approve',
    tone: 'good',
    reason: 'optional',
    reasonLabel: 'Comment',
    done: 'Approved. The plan is carried out now.',
    explain: <PlanInBrief remediation={of} plan={plan} />,
    act: async (comment) =>
      after(
        await post<Remediation>(remediationPath(of.id, 'approve'), {
          plan_hash: plan.hash,
          comment,
        }),
      ),
  };
}

export function rejectDeed(of: Remediation, plan: Plan, after: (now: Remediation) => void): Deed {
  return {
    label: 'Reject…',
    title: 'Reject this plan?',
    confirm: 'Reject',
    tone: 'bad',
    reason: 'required',
    reasonLabel: 'Reason',
    done: 'Rejected. Nothing is changed; the finding stays open.',
    explain: (
      <p>
        Nothing is changed on <b class="name">{resourceText(of.resource)}</b>, and its finding stays
        open.
      </p>
    ),
    act: async (comment) =>
      after(
        await post<Remediation>(remediationPath(of.id, 'reject'), {
          plan_hash: plan.hash,
          comment,
        }),
      ),
  };
}

export function rollbackDeed(of: Remediation, after: (now: Remediation) => void): Deed {
  return {
    label: 'Roll back…',
    title: 'Roll this back?',
    confirm: 'Roll back',
    tone: 'bad',
    reason: 'required',
    reasonLabel: 'Reason',
    done: 'Rollback asked for.',
    explain: (
      <>
        <p>
          <b class="name">{resourceText(of.resource)}</b> becomes what it was before, by{' '}
          {plural(of.plan?.inverse.length ?? 0, 'inverse call')}. What others changed since stays.
        </p>
        <p>The finding is then likely to be found again.</p>
      </>
    ),
    act: async (reason) =>
      after(await post<Remediation>(remediationPath(of.id, 'rollback'), { reason })),
  };
}

export function cancelDeed(of: Execution, after: () => void): Deed {
  return {
    label: 'End run…',
    title: 'End this run?',
    confirm: 'End run',
    tone: 'bad',
    reason: 'required',
    reasonLabel: 'Reason',
    done: 'The run is cancelled. No further step begins.',
    explain: (
      <>
        <p>
          <b class="name">{of.DocumentName}</b> begins no further step, unless a step says what follows
          when it is cancelled.
        </p>
        <p>What it has done so far stays done.</p>
      </>
    ),
    act: async (reason) => {
      await post(`/executions/${encodeURIComponent(of.id)}/cancel`, { reason });
      after();
    },
  };
}

export function stepDeed(of: Approval, type: 'Approve' | 'Reject', after: () => void): Deed {
  const approve = type === 'Approve';
  return {
    label: `${type}…`,
    title: approve ? `Let step ${of.step} go on?` : `Stop at step ${of.step}?`,
    confirm: type,
    tone: approve ? 'good' : 'bad',
    reason: approve ? 'optional' : 'required',
    reasonLabel: approve ? 'Comment' : 'Reason',
    done: approve ? 'Approved. The runbook goes on.' : 'Rejected.',
    explain: <p>{of.message || of.title}</p>,
    act: async (comment) => {
      await post(`/executions/${encodeURIComponent(of.execution ?? '')}/signal`, {
        type,
        step: of.step,
        comment,
      });
      after();
    },
  };
}

function PlanInBrief({ remediation, plan }: { remediation: Remediation; plan: Plan }) {
  const radius = blastRadius(plan);
  return (
    <>
      <p>
        {plural(radius.fields, 'field')} of {plural(radius.resources.length, 'resource')} will
        change, by {plural(radius.writes, 'call')}:{' '}
        <b class="name">{resourceText(remediation.resource)}</b>.
      </p>
      <p>{plan.reversible ? 'It can be taken back.' : 'Not all of it can be taken back.'}</p>
      <p class="hint">
        You approve exactly the plan with hash <code>{shortHash(plan.hash)}</code>, and nothing
        else.
      </p>
    </>
  );
}
