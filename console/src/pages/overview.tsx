// What is wrong, what waits for a person, what is under way, and what just happened.

import { Act } from '../components/act';
import { ApprovalLine } from '../components/approval';
import {
  Empty,
  Facts,
  ResourceName,
  Section,
  Sentence,
  Severity,
  Shown,
  When,
} from '../components/basic';
import { TimesTable, TrendChart } from '../components/chart';
import { haltDeed } from '../components/halt';
import { useLink } from '../live';
import { calm_ms, useLoaded } from '../resource';
import { to } from '../router';
import type {
  Approval,
  ControlCount,
  ExecutionSummary,
  Finding,
  Line,
  Overview,
  RemediationSummary,
  Resource,
  Review,
  SeverityName,
  StageName,
} from '../shapes';
import { inFlight, lastPart, plural, severities, severityRank } from '../words';
import { duration } from '../when';
import { scanDeed } from './scan';

export function OverviewPage() {
  const loaded = useLoaded<Overview>('/overview');
  return <Shown loaded={loaded}>{(data) => <Page of={data} again={loaded.again} />}</Shown>;
}

function Page({ of, again }: { of: Overview; again: () => void }) {
  return (
    <>
      <div class="overview-top">
        <Exposure of={of} />
        <Counts of={of} />
      </div>
      <Past />
      <div class="columns">
        <div class="column">
          <Waiting of={of} />
          <Controls of={of.findings.by_control} />
          <Engine of={of} again={again} />
        </div>
        <div class="column">
          <Recent of={of} />
        </div>
      </div>
    </>
  );
}

function Exposure({ of }: { of: Overview }) {
  const { open, by_severity } = of.findings;
  const present = severities.filter((severity) => (by_severity[severity] ?? 0) > 0);
  return (
    <section class="card exposure" aria-label="Open findings">
      <div class="exposure-head">
        <a class="figure" href={to(['findings'])}>
          <b>{open}</b> open {open === 1 ? 'finding' : 'findings'}
        </a>
        <Act deed={scanDeed(() => undefined)} />
      </div>
      {open > 0 ? (
        <>
          <SeverityBar of={by_severity} present={present} />
          <ul class="legend">
            {present.map((severity) => (
              <li key={severity}>
                <a href={to(['findings'], { severity })}>
                  <Severity of={severity} /> <b>{by_severity[severity]}</b>
                </a>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p class="all-good">
          {of.findings.resolved > 0
            ? 'All that was found is resolved.'
            : 'Nothing was found so far.'}
        </p>
      )}
    </section>
  );
}

function SeverityBar({
  of,
  present,
}: {
  of: Overview['findings']['by_severity'];
  present: SeverityName[];
}) {
  const total = present.reduce((sum, severity) => sum + (of[severity] ?? 0), 0);
  let x = 0;
  return (
    <svg class="severity-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      {present.map((severity) => {
        const width = ((of[severity] ?? 0) / total) * 100;
        const rect = (
          <rect
            key={severity}
            x={x}
            width={Math.max(0, width - 0.4)}
            height="4"
            class={`fill-${severity}`}
          />
        );
        x += width;
        return rect;
      })}
    </svg>
  );
}

function Counts({ of }: { of: Overview }) {
  const stages = of.remediations.by_stage;
  const sum = (names: StageName[]) => names.reduce((total, name) => total + (stages[name] ?? 0), 0);
  const median = of.median_time_to_fix_s === null ? '–' : duration(of.median_time_to_fix_s * 1000);
  const counts: [label: string, count: number, tone: string, href: string][] = [
    [
      'Waiting for approval',
      of.waiting.length,
      of.waiting.length > 0 ? 'tone-wait' : '',
      to(['approvals']),
    ],
    [
      'In flight',
      sum(inFlight),
      sum(inFlight) > 0 ? 'tone-busy' : '',
      to(['remediations'], { stage: 'in_flight' }),
    ],
    ['Resolved', sum(['resolved']), 'tone-good', to(['remediations'], { stage: 'resolved' })],
    ['Rolled back', sum(['rolled_back']), '', to(['remediations'], { stage: 'rolled_back' })],
    [
      'Escalated',
      sum(['escalated']),
      sum(['escalated']) > 0 ? 'tone-bad' : '',
      to(['remediations'], { stage: 'escalated' }),
    ],
  ];
  return (
    <ul class="counts" aria-label="Remediations">
      {counts.map(([label, count, tone, href]) => (
        <li key={label}>
          <a class={`card count ${tone}`} href={href}>
            <b>{count}</b>
            <span>{label}</span>
          </a>
        </li>
      ))}
      <li>
        <div
          class="card count"
          title="From opening a finding to its verified resolution, the middle one of all">
          <b class={median.length > 6 ? 'long' : ''}>{median}</b>
          <span>Median time to fix</span>
        </div>
      </li>
    </ul>
  );
}

// How exposed the accounts were, and how fast that was mended. Read calmly: it goes through the whole ledger.
function Past() {
  const loaded = useLoaded<Review>('/report', calm_ms);
  return (
    <div class="columns even">
      <Section title="Exposure over time" aside={<a href={to(['report'])}>Report</a>}>
        <Shown loaded={loaded}>
          {({ trend }) => <TrendChart of={trend.points} step_s={trend.step_s} />}
        </Shown>
      </Section>
      <Section title="Time to fix" aside={<span class="hint">the last 30 days</span>}>
        <Shown loaded={loaded}>{({ overall }) => <TimesTable of={overall.times} />}</Shown>
      </Section>
    </div>
  );
}

// Who is waited for, and how much of it: people and groups by name, or whoever has the role.
function whoIsAsked(of: Approval[]): [who: string, count: number][] {
  const counts = new Map<string, number>();
  for (const one of of) {
    const who = one.approvers?.length ? one.approvers.map(lastPart).join(' or ') : 'any approver';
    counts.set(who, (counts.get(who) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}

function Waiting({ of }: { of: Overview }) {
  const who = whoIsAsked(of.waiting);
  return (
    <Section title="Waiting for a person" aside={<a href={to(['approvals'])}>Inbox</a>}>
      {of.waiting.length === 0 ? (
        <Empty>Nothing waits for a person.</Empty>
      ) : (
        <>
          <ul class="tags who" aria-label="Who is waited for">
            {who.map(([name, count]) => (
              <li key={name} class="tag">
                {name} <b>{count}</b>
              </li>
            ))}
          </ul>
          <ul class="lines-list">
            {of.waiting.map((one) => (
              <ApprovalLine key={`${one.remediation}${one.step ?? ''}`} of={one} />
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

const controls_shown = 10;

function Controls({ of }: { of: ControlCount[] }) {
  const rows = [...of].sort(
    (a, b) => b.open - a.open || severityRank(a.severity) - severityRank(b.severity),
  );
  return (
    <Section title="By control" aside={<a href={to(['controls'])}>All controls</a>}>
      {rows.length === 0 ? (
        <Empty>No control has found anything yet.</Empty>
      ) : (
        <ul class="by-control">
          {rows.slice(0, controls_shown).map((row) => (
            <li key={row.control}>
              <a
                href={to(['findings'], {
                  control: row.control,
                  status: row.open > 0 ? '' : 'resolved',
                })}>
                {row.title}
              </a>
              <Severity of={row.severity} />
              <span class="tally">
                <span class={row.open > 0 ? 'tone-bad' : ''}>
                  <b>{row.open}</b> open
                </span>
                <span class="tone-good">
                  <b>{row.resolved}</b> resolved
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

// What a stream is about, and where to read more; its lines say only what happened.
interface Subject {
  resource: Resource;
  title: string;
  place: string;
}

function useSubjects(): Map<string, Subject> {
  const remediations = useLoaded<{ remediations: RemediationSummary[] }>('/remediations').data;
  const findings = useLoaded<{ findings: Finding[] }>('/findings').data;
  const executions = useLoaded<{ executions: ExecutionSummary[] }>('/executions').data;
  const subjects = new Map<string, Subject>();
  for (const { id, resource, title } of remediations?.remediations ?? [])
    subjects.set(id, { resource, title, place: to(['remediations', id]) });
  for (const { id, resource, title, remediation } of findings?.findings ?? []) {
    const place = to(remediation ? ['remediations', remediation] : ['findings', id]);
    subjects.set(id, { resource, title, place });
  }
  for (const { id, remediation } of executions?.executions ?? []) {
    const subject = subjects.get(remediation ?? '');
    if (subject) subjects.set(id, subject);
  }
  return subjects;
}

const streamOf = (line: Line | undefined): string => line?.remediation ?? line?.stream ?? '';

function Recent({ of }: { of: Overview }) {
  const subjects = useSubjects();
  const shown = of.recent.filter((line) => line.kind !== 'runbook_started'); // said before, better
  const about = (line: Line | undefined) => subjects.get(streamOf(line));
  const isNext = (i: number) => about(shown[i])?.place !== about(shown[i - 1])?.place;
  return (
    <Section title="Recent activity" aside={<a href={to(['ledger'])}>Whole ledger</a>}>
      {shown.length === 0 ? (
        <Empty>Nothing happened yet.</Empty>
      ) : (
        <ol class="recent" data-live="recent">
          {shown.map((line, i) => (
            <li key={line.position ?? i} class={i > 0 && isNext(i) ? 'next-subject' : ''}>
              <When at={line.time} />
              <span>
                {isNext(i) && <SubjectLink of={about(line)} />}
                <Sentence text={withoutSubject(line.text, about(line))} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

const withoutSubject = (text: string, subject: Subject | undefined): string =>
  subject ? text.replace(` on ${subject.resource.type} ${subject.resource.id}:`, ':') : text;

function SubjectLink({ of }: { of: Subject | undefined }) {
  if (!of) return null;
  return (
    <a class="recent-subject" href={of.place}>
      <ResourceName of={of.resource} />
      <span class="hint">{of.title}</span>
    </a>
  );
}

const links = {
  live: 'live',
  polling: 'asking every 3 s',
  connecting: 'connecting',
  offline: 'no answer',
};

function Engine({ of, again }: { of: Overview; again: () => void }) {
  const link = useLink();
  return (
    <Section title="Engine" aside={<Act deed={haltDeed(of.halted, again)} />}>
      <Facts
        of={[
          ['Writes', of.halted ? <b class="tone-bad">halted</b> : <b class="tone-good">allowed</b>],
          ['Target', of.target],
          ['Account', of.account],
          ['Ledger', <a href={to(['ledger'])}>{plural(of.ledger_entries, 'entry', 'entries')}</a>],
          ['This page', <span class={link === 'offline' ? 'tone-bad' : ''}>{links[link]}</span>],
          ['Version', of.version],
        ]}
      />
    </Section>
  );
}
