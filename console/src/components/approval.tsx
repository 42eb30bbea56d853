// One request for approval, made for ninety seconds and a phone: what will change, how far it reaches, what may break,
// how long there is time, and two buttons.

import { blastRadius } from '../difference';
import { useLoaded } from '../resource';
import { to } from '../router';
import type { Approval, Plan, Remediation } from '../shapes';
import { duration, useNow } from '../when';
import { plural, typeText } from '../words';
import { Act } from './act';
import { Failure, Hash, Loading, ResourceName, Severity, When } from './basic';
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

export function ApprovalCard({ of }: { of: Approval }) {
  const loaded = useLoaded<Remediation>(`/remediations/${encodeURIComponent(of.remediation)}`);
  const now = useNow(1000);
  const remediation = loaded.data;
  const plan = remediation?.plan ?? undefined;
  const late = Date.parse(of.expires_at) <= now;
  const moved = of.kind === 'plan' && plan !== undefined && plan.hash !== of.plan_hash;
  return (
    <article
      class={`card approval edge-${of.severity}`}
      aria-label={`${of.title}: ${of.resource.id}`}>
      <header>
        <div class="approval-top">
          <Severity of={of.severity} />
          <Countdown until={of.expires_at} />
        </div>
        <h2>
          <a href={to(['remediations', of.remediation])}>{of.title}</a>
        </h2>
        <p class="subject">
          <ResourceName of={of.resource} />
        </p>
        <p class="hint">
          {of.kind === 'step' ? (
            <>
              Step <b>{of.step}</b> asks
            </>
          ) : (
            <>The plan waits</>
          )}{' '}
          since <When at={of.requested_at} />
        </p>
      </header>
      {of.kind === 'step' && of.message && <p class="question">{of.message}</p>}
      {loaded.error && <Failure error={loaded.error} again={loaded.again} />}
      {!remediation && !loaded.error && <Loading />}
      {plan && (
        <>
          <h3 class="label">
            What {of.kind === 'step' ? 'the whole plan changes' : 'will change'}
          </h3>
          <Difference of={plan.difference} />
          <h3 class="label">Blast radius</h3>
          <BlastRadius of={plan} />
          <Unrehearsed of={plan} />
        </>
      )}
      {of.kind === 'plan' && of.message && (
        <p class="may-break">
          <span class="label">What may break</span>
          {of.message}
        </p>
      )}
      {of.kind === 'step' && remediation?.may_break && (
        <p class="may-break">
          <span class="label">What may break</span>
          {remediation.may_break}
        </p>
      )}
      <footer class="decide">
        {plan && (
          <span class="hint">
            Plan <Hash of={plan.hash} what="plan hash" />
          </span>
        )}
        <span class="buttons">
          {of.kind === 'step' ? (
            <>
              <Act deed={stepDeed(of, 'Reject', loaded.again)} disabled={late} large />
              <Act deed={stepDeed(of, 'Approve', loaded.again)} disabled={late} large />
            </>
          ) : (
            remediation &&
            plan && (
              <>
                <Act
                  deed={rejectDeed(remediation, plan, loaded.put)}
                  disabled={late || moved}
                  large
                />
                <Act
                  deed={approveDeed(remediation, plan, loaded.put)}
                  disabled={late || moved}
                  large
                />
              </>
            )
          )}
        </span>
      </footer>
    </article>
  );
}

// The same in one line, for the overview.
export function ApprovalLine({ of }: { of: Approval }) {
  return (
    <li class={`approval-line edge-${of.severity}`}>
      <span class="approval-text">
        <a href={to(['remediations', of.remediation])}>{of.title}</a>
        <span class="hint">
          {typeText(of.resource.type)} <b class="name">{of.resource.id}</b> ·{' '}
          <Countdown until={of.expires_at} />
        </span>
      </span>
      <a
        class="button"
        href={to(['approvals'])}
        aria-label={`Review ${of.title} on ${of.resource.id}`}>
        Review
      </a>
    </li>
  );
}

export const waitingText = (count: number): string =>
  count === 0
    ? 'Nothing waits for a person.'
    : `${plural(count, 'decision')} ${count === 1 ? 'waits' : 'wait'} for a person.`;
