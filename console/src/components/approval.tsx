// One request for approval, made for ninety seconds and a phone: what will change, how far it reaches, what may break,
// how long there is time, and two buttons.

import { blastRadius } from '../difference';
import { useLoaded } from '../resource';
import { to } from '../router';
import type { Approval, Plan, Remediation } from '../shapes';
import { duration, useNow } from '../when';
import { lastPart, plural, typeText } from '../words';
import { Act } from './act';
import {
  Facts,
  Failure,
  Hash,
  Loading,
  ResourceName,
  Sentence,
  Severity,
  When,
  type Fact,
} from './basic';
import { approveDeed, rejectDeed, stepDeed } from './decide';
import { Difference } from './difference';

const hurry_ms = 15 * 60_000;

export function Countdown({ until }: { until: string }) {
  const left = Date.parse(until) - useNow(1000);
  if (left <= 0) return <span class="countdown tone-bad">Expired</span>;
  const tone = left < hurry_ms ? 'tone-wait' : '';
  return (
    <span class={`countdown ${tone}`}>
      Expires in{' '}
      <time dateTime={until} title={until}>
        {duration(left)}
      </time>
    </span>
  );
}

export function BlastRadius({ of }: { of: Plan }) {
  if (of.writes.length === 0) return null;
  const radius = blastRadius(of);
  return (
    <ul class="radius" aria-label="Blast radius">
      <li>
        <b>{radius.resources.length}</b> {radius.resources.length === 1 ? 'resource' : 'resources'}
      </li>
      <li>
        <b>{radius.fields}</b> {radius.fields === 1 ? 'field' : 'fields'}
      </li>
      <li>
        <b>{radius.writes}</b> {radius.writes === 1 ? 'call' : 'calls'}
      </li>
      <li>
        account <b>{radius.accounts.join(', ')}</b>
      </li>
      <li>
        {radius.regions.length > 0 ? (
          <>
            in <b>{radius.regions.join(', ')}</b>
          </>
        ) : (
          'global'
        )}
      </li>
      <li class={of.reversible ? 'tone-good' : 'tone-bad'}>
        {of.reversible ? 'Can be taken back' : 'Not fully reversible'}
      </li>
    </ul>
  );
}

export function Unrehearsed({ of }: { of: Plan }) {
  if (of.unrehearsed.length === 0) return null;
  return (
    <div class="note tone-wait">
      <b>Not all of it was rehearsed.</b>
      <ul>
        {of.unrehearsed.map((why, i) => (
          <li key={i}>{why}</li>
        ))}
      </ul>
    </div>
  );
}

const disruptions = {
  none: 'Nobody notices at once',
  access: 'Takes access away',
  restart: 'Restarts something',
  stop: 'Stops or deletes something',
};
const confidences = {
  partial: 'Partly rehearsed',
  rehearsed: 'Rehearsed',
  proven: 'Rehearsed, and proven by the control',
};

// Who notices: users of the resource, and controls that would fail.
export function Outlook({ of }: { of: Plan }) {
  const facts: Fact[] = [
    ['Disruption', disruptions[of.disruption]],
    ['Confidence', confidences[of.confidence]],
  ];
  if (of.last_used) facts.push(['Last used', <When at={of.last_used} />]);
  if (of.dependents.length > 0 || of.dependents_unknown)
    facts.push(['Used by', <Dependents of={of} />]);
  return (
    <>
      {of.harmed.length > 0 && (
        <div class="note tone-bad">
          <b>Makes other controls fail:</b> {of.harmed.join(', ')}
        </div>
      )}
      <div class="outlook">
        <Facts of={facts} />
      </div>
    </>
  );
}

function Dependents({ of }: { of: Plan }) {
  return (
    <>
      {of.dependents.length > 0 && (
        <ul class="dependents">
          {of.dependents.map((one) => (
            <li key={`${one.type} ${one.id} ${one.by}`}>
              <span class="resource-type">{typeText(one.type)}</span> <b class="name">{one.id}</b>
            </li>
          ))}
        </ul>
      )}
      {of.dependents_unknown && (
        <span class="hint">
          <Sentence text={of.dependents_unknown} />
        </span>
      )}
    </>
  );
}

// A step names its runbook; what it is about is told by its remediation, when it has one.
function useSubject(of: Approval) {
  const { remediation } = of;
  const path = remediation ? `/remediations/${encodeURIComponent(remediation)}` : null;
  const loaded = useLoaded<Remediation>(path);
  return {
    loaded: path === null ? undefined : loaded,
    remediation: loaded.data,
    title: (of.kind === 'step' && loaded.data?.title) || of.title,
    severity: loaded.data?.severity ?? of.severity,
    resource: of.resource ?? loaded.data?.resource,
    place: remediation ? to(['remediations', remediation]) : to(['approvals']),
  };
}
type Subject = ReturnType<typeof useSubject>;

export function ApprovalCard({ of }: { of: Approval }) {
  const subject = useSubject(of);
  const { loaded, remediation, resource } = subject;
  const plan = remediation?.plan ?? undefined;
  const may_break = of.kind === 'plan' ? of.message : remediation?.may_break;
  return (
    <article
      class={`card approval edge-${subject.severity}`}
      aria-label={`${subject.title}: ${resource?.id ?? of.title}`}>
      <CardHead of={of} subject={subject} />
      {of.kind === 'step' && of.message && <p class="question">{of.message}</p>}
      {loaded?.error && <Failure error={loaded.error} again={loaded.again} />}
      {loaded && !remediation && !loaded.error && <Loading />}
      {plan && (
        <>
          {plan.writes.length > 0 && <h3 class="label">Blast radius</h3>}
          <BlastRadius of={plan} />
          <Unrehearsed of={plan} />
          <Outlook of={plan} />
          <h3 class="label">
            {of.kind === 'step' ? 'What the whole plan changes' : 'What will change'}
          </h3>
          <Difference of={plan.difference} />
        </>
      )}
      {may_break && <MayBreak of={may_break} />}
      <Decide of={of} subject={subject} plan={plan} />
    </article>
  );
}

// Where several people have to agree: how many have, and who.
function agreedSoFar({ approval }: Approval): string {
  if (!approval || approval.needed < 2) return '';
  const names = approval.agreed.map((one) => one.principal).join(', ');
  return `; ${approval.agreed.length} of ${approval.needed} agreed${names && ` (${names})`}`;
}

function CardHead({ of, subject }: { of: Approval; subject: Subject }) {
  const asks = of.kind === 'step' ? `Step ${of.step} asks` : 'The plan waits';
  return (
    <header>
      <div class="approval-top">
        <Severity of={subject.severity} />
        <Countdown until={of.expires_at} />
      </div>
      <h2>{subject.remediation ? <a href={subject.place}>{subject.title}</a> : subject.title}</h2>
      {subject.resource && (
        <p class="subject">
          <ResourceName of={subject.resource} />
        </p>
      )}
      <p class="hint">
        {asks}
        {of.requested_at && (
          <>
            {' '}
            since <When at={of.requested_at} />
          </>
        )}
        {of.approvers &&
          of.approvers.length > 0 &&
          `; ${of.approvers.map(lastPart).join(' or ')} may decide`}
        {agreedSoFar(of)}
      </p>
    </header>
  );
}

function Decide({ of, subject, plan }: { of: Approval; subject: Subject; plan?: Plan }) {
  const { remediation, loaded } = subject;
  const late = Date.parse(of.expires_at) <= useNow(1000);
  const moved = of.kind === 'plan' && plan?.hash !== of.plan_hash;
  const again = loaded?.again ?? (() => undefined);
  const deeds =
    of.kind === 'step'
      ? [stepDeed(of, 'Reject', again), stepDeed(of, 'Approve', again)]
      : remediation && plan && loaded
        ? [rejectDeed(remediation, plan, loaded.put), approveDeed(remediation, plan, loaded.put)]
        : [];
  return (
    <footer class="decide">
      {plan && (
        <span class="hint">
          Plan <Hash of={plan.hash} what="plan hash" />
        </span>
      )}
      <span class="buttons">
        {deeds.map((deed) => (
          <Act key={deed.label} deed={deed} disabled={late || moved} large />
        ))}
      </span>
    </footer>
  );
}

export function MayBreak({ of }: { of: string }) {
  return (
    <p class="may-break">
      <span class="label">What may break</span>
      {of}
    </p>
  );
}

// The same in one line, for the overview.
export function ApprovalLine({ of }: { of: Approval }) {
  const { title, severity, resource, place } = useSubject(of);
  return (
    <li class={`approval-line edge-${severity}`}>
      <span class="approval-text">
        <a href={place}>{title}</a>
        <span class="hint">
          {resource && (
            <>
              {typeText(resource.type)} <b class="name">{resource.id}</b> ·{' '}
            </>
          )}
          <Countdown until={of.expires_at} />
        </span>
      </span>
      <a
        class="button"
        href={to(['approvals'])}
        aria-label={`Review ${title} on ${resource?.id ?? of.title}`}>
        Review
      </a>
    </li>
  );
}

export const waitingText = (count: number): string =>
  count === 0
    ? 'Nothing waits for a person.'
    : `${plural(count, 'decision')} ${count === 1 ? 'waits' : 'wait'} for a person.`;
