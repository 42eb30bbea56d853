// One remediation: where it stands, what changes, who decided, and every sentence of its story.

import { Act } from '../components/act';
import { BlastRadius, Countdown, MayBreak, Outlook, Unrehearsed } from '../components/approval';
import {
  Empty,
  Facts,
  Hash,
  ResourceFacts,
  ResourceName,
  Section,
  Sentence,
  Severity,
  Shown,
  Stage,
  When,
  type Fact,
} from '../components/basic';
import { MadeCalls, PlannedCalls } from '../components/calls';
import { approveDeed, rejectDeed, rollbackDeed, stepDeed } from '../components/decide';
import { Difference } from '../components/difference';
import { OnRecord } from '../components/on_record';
import { Lifeline } from '../components/lifeline';
import { isBad, Reasons, Timeline } from '../components/timeline';
import { useLoaded } from '../resource';
import { to } from '../router';
import type { Approval, ExecutionSummary, Json, Plan, Remediation, Verification } from '../shapes';
import {
  actionText,
  decisionText,
  parameterText,
  plural,
  sentence,
  statusText,
  statusTone,
} from '../words';
import { Took } from './executions';

export function RemediationPage({ id }: { id: string }) {
  const loaded = useLoaded<Remediation>(`/remediations/${encodeURIComponent(id)}`);
  const waiting = useLoaded<{ approvals: Approval[] }>('/approvals');
  const asks = waiting.data?.approvals.filter((one) => one.remediation === id) ?? [];
  return (
    <Shown loaded={loaded}>
      {(remediation) => (
        <>
          <Head
            of={remediation}
            asks={asks}
            put={loaded.put}
            again={() => {
              loaded.again();
              waiting.again();
            }}
          />
          <div class="columns uneven">
            <div class="column">
              <Section
                title="What changes"
                aside={
                  remediation.plan && (
                    <span class="hint">
                      Plan <Hash of={remediation.plan.hash} what="plan hash" />
                    </span>
                  )
                }>
                {remediation.plan ? (
                  <Changes of={remediation.plan} />
                ) : (
                  <Empty>There is no plan now.</Empty>
                )}
              </Section>
              <Section title="Timeline">
                <Timeline of={remediation.timeline} />
              </Section>
              <Executions of={remediation.executions} />
            </div>
            <div class="column">
              <Decided of={remediation} />
              <Verified of={remediation} />
              <OnRecord of={remediation.id} />
              <Permissions of={remediation.plan} />
              <About of={remediation} />
            </div>
          </div>
          {remediation.plan && <Calls of={remediation} plan={remediation.plan} />}
        </>
      )}
    </Shown>
  );
}

function Head({
  of,
  asks,
  put,
  again,
}: {
  of: Remediation;
  asks: Approval[];
  put: (now: Remediation) => void;
  again: () => void;
}) {
  const step = asks.find((one) => one.kind === 'step');
  const deeds = [
    ...(step ? [stepDeed(step, 'Reject', again), stepDeed(step, 'Approve', again)] : []),
    ...(of.plan && of.can.includes('reject') ? [rejectDeed(of, of.plan, put)] : []),
    ...(of.plan && of.can.includes('approve') ? [approveDeed(of, of.plan, put)] : []),
    ...(of.can.includes('rollback') ? [rollbackDeed(of, put)] : []),
  ];
  return (
    <header class="page-head card">
      <p class="badges">
        <Severity of={of.severity} />
        <Stage of={of.stage} />
        {asks[0] && <Countdown until={asks[0].expires_at} />}
      </p>
      <p class="lead">{of.title}</p>
      <p class="subject">
        <ResourceName of={of.resource} />
      </p>
      {step?.message && <p class="question">{step.message}</p>}
      <Lifeline of={of} asked={asks.length > 0} />
      {deeds.length > 0 && (
        <div class="buttons">
          {deeds.map((deed) => (
            <Act key={deed.label + deed.title} deed={deed} large />
          ))}
        </div>
      )}
    </header>
  );
}

function Changes({ of }: { of: Plan }) {
  return (
    <>
      <Difference of={of.difference} />
      <BlastRadius of={of} />
      <Unrehearsed of={of} />
      <Outlook of={of} />
    </>
  );
}

function Calls({ of, plan }: { of: Remediation; plan: Plan }) {
  return (
    <Section title="Calls">
      <div class="calls-columns">
        <div>
          <h3 class="label">Planned</h3>
          <PlannedCalls of={plan.writes} empty="No call is needed." />
        </div>
        <div>
          <h3 class="label">Inverse</h3>
          <PlannedCalls of={plan.inverse} empty="Nothing takes this back." />
        </div>
      </div>
      {of.calls.length > 0 && (
        <>
          <h3 class="label">Made, in this order</h3>
          <MadeCalls of={of.calls} />
        </>
      )}
    </Section>
  );
}

// Who said what, besides the policy; a plan that became void asks anew.
const decisions = new Set([
  'approved',
  'rejected',
  'approval_expired',
  'plan_voided',
  'rollback_requested',
]);

function Decided({ of }: { of: Remediation }) {
  return (
    <Section title="Who decided">
      {of.requester && (
        <p class="prose">
          Asked for by <b>{of.requester}</b>.
        </p>
      )}
      <p class="prose">
        <b>{decisionText(of.decision)}</b>
        {of.reasons.length > 0 && ', because:'}
      </p>
      <Reasons of={of.reasons} />
      <ul class="decisions">
        {of.timeline
          .filter((line) => decisions.has(line.kind))
          .map((line) => (
            <li key={line.position} class={isBad(line) ? 'tone-bad' : 'tone-good'}>
              <Sentence text={line.text} />
              <span class="hint">
                <When at={line.time} exact />
              </span>
            </li>
          ))}
      </ul>
      {of.may_break && <MayBreak of={of.may_break} />}
    </Section>
  );
}

const told = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

// What a fresh read said after the fix, what it said of other controls and of health, and what a rollback left.
function Verified({ of }: { of: Remediation }) {
  const { verification, rollback } = of;
  if (!verification && !rollback) return null;
  return (
    <Section
      title="Verification"
      aside={
        verification && (
          <span class={`stage tone-${verification.good ? 'good' : 'bad'}`}>
            {verification.good ? 'good' : 'not good'}
          </span>
        )
      }>
      {verification && <LastLook of={verification} />}
      {rollback &&
        (told(rollback.error) ? (
          <p class="prose tone-bad">The rollback failed: {told(rollback.error)}</p>
        ) : (
          <p class="prose">What the rollback came to: {told(rollback.text)}.</p>
        ))}
    </Section>
  );
}

function LastLook({ of }: { of: Verification }) {
  const others = Object.entries(of.others ?? {});
  const worse = others.filter(([, compliance]) => compliance === 'NON_COMPLIANT');
  return (
    <>
      <p class="prose">
        A fresh read after the execution: <b>{sentence(of.compliance.toLowerCase())}</b>
        {of.annotation && (
          <>
            . <Sentence text={of.annotation} />
          </>
        )}
      </p>
      <Facts
        of={[
          [
            'Other controls',
            others.length === 0
              ? 'none judges it'
              : worse.length === 0
                ? `${plural(others.length, 'other')} looked at, none fails`
                : `not met: ${worse.map(([id]) => id).join(', ')}`,
          ],
          [
            'Health checks',
            of.unhealthy ? <b class="tone-text tone-bad">{of.unhealthy}</b> : 'nothing amiss',
          ],
          ...(of.again
            ? [
                [
                  'Looked at again',
                  <>
                    <When at={of.again} exact />
                    {of.why_again && `: ${of.why_again}`}
                  </>,
                ] as Fact,
              ]
            : []),
        ]}
      />
    </>
  );
}

function Permissions({ of }: { of: Plan | null }) {
  if (!of || of.permissions.length === 0) return null;
  return (
    <Section title="Permissions" aside={<span class="hint">{of.permissions.length}</span>}>
      <p class="hint">
        All that the plan's calls need; where a role is assumed, it is cut to these.
      </p>
      <ul class="codes">
        {of.permissions.map((one) => (
          <li key={one}>
            <code>{one}</code>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Executions({ of }: { of: ExecutionSummary[] }) {
  if (of.length === 0) return null;
  return (
    <Section title="Executions">
      <ul class="lines-list">
        {of.map((one) => (
          <li key={one.id} class="wrap">
            <span class="grow">
              <a href={to(['executions', one.id])}>{one.document}</a>
              <span class="hint block">
                <When at={one.started_at} exact />, took{' '}
                <Took from={one.started_at} to={one.ended_at} />
              </span>
            </span>
            <span class={`stage tone-${statusTone(one.status)}`}>{statusText(one.status)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Parameters({ of }: { of: [name: string, value: Json][] }) {
  return (
    <>
      {of.map(([name, value]) => (
        <span key={name} class="one-each">
          {name} <code>{parameterText(value)}</code>
        </span>
      ))}
    </>
  );
}

function About({ of }: { of: Remediation }) {
  const parameters = Object.entries(of.action.parameters ?? {});
  const sealed: Fact[] = of.plan
    ? [
        ['Plan made', <When at={of.plan.made_at} exact />],
        ['Precondition', <Hash of={of.plan.precondition} what="precondition fingerprint" />],
        ...(of.plan.approvals.length > 0
          ? [['Will ask at', of.plan.approvals.join(', ')] as Fact]
          : []),
      ]
    : [];
  return (
    <Section title="About">
      <ResourceFacts of={of.resource} />
      <Facts
        of={[
          ['Finding', <a href={to(['findings', of.finding])}>{of.control}</a>],
          ['Set right by', sentence(actionText(of.action))],
          ...(parameters.length > 0 ? [['With', <Parameters of={parameters} />] as Fact] : []),
          ['Opened', <When at={of.opened_at} exact />],
          ...sealed,
          ['Remediation', <code class="name">{of.id}</code>],
        ]}
      />
    </Section>
  );
}
