// One finding: what is wrong, why nothing or something happened, and what would set it right.

import { useState } from 'preact/hooks';
import { post } from '../api';
import { Act, type Deed } from '../components/act';
import { BlastRadius, Outlook, Unrehearsed } from '../components/approval';
import {
  Empty,
  Facts,
  Failure,
  Hash,
  ResourceFacts,
  Section,
  Severity,
  Shown,
  Stage,
  When,
  type Fact,
} from '../components/basic';
import { PlannedCalls } from '../components/calls';
import { Difference } from '../components/difference';
import { endExceptionDeed, ExceptionDialog, ExceptionEnd } from '../components/exception';
import { Timeline } from '../components/timeline';
import { useLoaded } from '../resource';
import { to } from '../router';
import type { FindingPage as Page, Line, Plan } from '../shapes';
import { resourceText, sentence, sourceText } from '../words';

export function FindingPage({ id }: { id: string }) {
  const path = `/findings/${encodeURIComponent(id)}`;
  const loaded = useLoaded<Page>(path);
  const why = useLoaded<{ trace: Line[] }>(`${path}/why`);
  return (
    <Shown loaded={loaded}>
      {(finding) => (
        <>
          <Head of={finding} again={loaded.again} />
          <div class="columns uneven">
            <div class="column">
              {finding.status === 'open' && <Preview of={finding} />}
              <Section title="Why: from the signal to now">
                <Shown loaded={why}>{({ trace }) => <Timeline of={trace} />}</Shown>
              </Section>
            </div>
            <div class="column">
              <About of={finding} />
              <Remediations of={finding} />
            </div>
          </div>
        </>
      )}
    </Shown>
  );
}

function Head({ of, again }: { of: Page; again: () => void }) {
  const [excepting, setExcepting] = useState(false);
  const { exception } = of;
  return (
    <header class="page-head card">
      <p class="badges">
        <Severity of={of.severity} />
        <span class={`stage ${of.status === 'open' ? 'tone-bad' : 'tone-good'}`}>
          {sentence(of.status)}
        </span>
      </p>
      <p class="lead">{of.title}</p>
      <p class="subject">{of.annotation}</p>
      {exception && (
        <div class="note tone-quiet with-act">
          <p>
            <b>Left alone</b> <ExceptionEnd of={exception} /> by {exception.by}: {exception.message}
            {exception.owner && <span class="hint block">{exception.owner} answers for it.</span>}
            {exception.compensating_control && (
              <span class="hint block">
                As long as it meets{' '}
                <a href={to(['controls'], { id: exception.compensating_control })}>
                  {exception.compensating_control}
                </a>
              </span>
            )}
          </p>
          <Act deed={endExceptionDeed(of.id, again)} />
        </div>
      )}
      {of.status === 'open' && !exception && (
        <div class="buttons">
          <button type="button" onClick={() => setExcepting(true)}>
            Leave alone…
          </button>
        </div>
      )}
      {excepting && <ExceptionDialog of={[of]} close={() => setExcepting(false)} after={again} />}
    </header>
  );
}

// What is confirmed is the plan on the page: its hash goes along, and no other plan is carried out.
function fixDeed(of: Page, plan: Plan): Deed {
  return {
    label: 'Fix…',
    title: 'Carry out this plan?',
    confirm: 'Fix',
    tone: 'good',
    reason: 'none',
    reasonLabel: '',
    explain: (
      <p>
        aright carries out the plan <Hash of={plan.hash} what="plan hash" /> on{' '}
        <b class="name">{resourceText(of.resource)}</b>, and asks for approval of it where the
        policy says so. If the resource has changed since, nothing is done.
      </p>
    ),
    done: 'A remediation is open.',
    act: async () => {
      const { remediation } = await post<{ remediation: string }>(
        `/findings/${encodeURIComponent(of.id)}/fix`,
        { plan_hash: plan.hash },
      );
      location.hash = to(['remediations', remediation]);
    },
  };
}

// A plan made now, to be looked at and agreed to. No resource is changed by making it.
function Preview({ of }: { of: Page }) {
  const [plan, setPlan] = useState<Plan>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const make = async () => {
    setBusy(true);
    setError(undefined);
    try {
      setPlan(await post<Plan>(`/findings/${encodeURIComponent(of.id)}/plan`, {}));
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    }
    setBusy(false);
  };
  return (
    <Section
      title="What would change"
      aside={
        <button type="button" disabled={busy} onClick={make}>
          {busy ? 'Rehearsing…' : plan ? 'Rehearse again' : 'Rehearse'}
        </button>
      }>
      {error && <Failure error={error} />}
      {plan ? (
        <>
          <Difference of={plan.difference} />
          <BlastRadius of={plan} />
          <Unrehearsed of={plan} />
          <Outlook of={plan} />
          <details class="more">
            <summary>The calls</summary>
            <PlannedCalls of={plan.writes} empty="No call is needed." />
          </details>
          <p class="hint">
            Made <When at={plan.made_at} />. <Hash of={plan.hash} what="plan hash" />
          </p>
          <div class="buttons">
            <Act deed={fixDeed(of, plan)} />
          </div>
        </>
      ) : (
        !error && <Empty>The fix can be rehearsed on a copy; nothing is changed by that.</Empty>
      )}
    </Section>
  );
}

function About({ of }: { of: Page }) {
  const references = Object.entries(of.references ?? {}).map(([name, text]): Fact => [name, text]);
  return (
    <Section title="About">
      {of.description && <p class="prose">{of.description}</p>}
      <ResourceFacts of={of.resource} />
      <Facts
        of={[
          ['Control', <a href={to(['controls'], { id: of.control })}>{of.control}</a>],
          ['Reported by', sourceText(of.source)],
          ['First seen', <When at={of.first_seen} exact />],
          ['Last seen', <When at={of.last_seen} exact />],
          ...(of.resolved_at ? [['Resolved', <When at={of.resolved_at} exact />] as Fact] : []),
          ...references,
        ]}
      />
    </Section>
  );
}

function Remediations({ of }: { of: Page }) {
  return (
    <Section title="Remediations">
      {of.remediations.length === 0 ? (
        <Empty>None was opened.</Empty>
      ) : (
        <ul class="lines-list">
          {of.remediations.map((one) => (
            <li key={one.id} class="wrap">
              <a href={to(['remediations', one.id])}>
                <When at={one.opened_at} exact />
              </a>
              <span class="hint">{one.decision}</span>
              <Stage of={one.stage} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
