// How well it works: what was found and set right, how fast, how often it came back, and what that suggests.

import { useState } from 'preact/hooks';
import { get } from '../api';
import { TimesTable, TrendChart } from '../components/chart';
import { Empty, Failure, Section, Severity, Shown, When } from '../components/basic';
import { calm_ms, useLoaded } from '../resource';
import { replace, to } from '../router';
import type { ControlFigures, Figures, Review } from '../shapes';
import { dayAndTime, duration, roughly } from '../when';
import { percent, plural, sentence } from '../words';

const windows: [since: string, label: string][] = [
  ['24h', 'the last 24 hours'],
  ['7d', 'the last 7 days'],
  ['', 'the last 30 days'],
  ['90d', 'the last 90 days'],
  ['365d', 'the last year'],
];

export function ReportPage({ query }: { query: URLSearchParams }) {
  const since = query.get('since') ?? '';
  const asked = since ? `?since=${encodeURIComponent(since)}` : '';
  const loaded = useLoaded<Review>(`/report${asked}`, calm_ms);
  return (
    <>
      <div class="filters">
        <label>
          Time
          <select
            value={since}
            onChange={(event) => replace(to(['report'], { since: event.currentTarget.value }))}>
            {windows.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <Download asked={asked} />
      </div>
      <Shown loaded={loaded}>{(review) => <Page of={review} />}</Shown>
    </>
  );
}

// The page for a mail or a printer, as the engine makes it: kept as a file, since it has styles of its own.
function Download({ asked }: { asked: string }) {
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const fetchPage = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { html } = await get<{ html: string }>(`/report/page${asked}`);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([html], { type: 'text/html' }));
      link.download = 'aright-report.html';
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    }
    setBusy(false);
  };
  return (
    <>
      <button type="button" disabled={busy} onClick={fetchPage}>
        {busy ? 'Making it…' : 'Save as a page'}
      </button>
      {error && <Failure error={error} />}
    </>
  );
}

function Page({ of }: { of: Review }) {
  return (
    <>
      <p class="hint" role="status">
        {of.first_entry
          ? `${dayAndTime(of.since)} to ${dayAndTime(of.until)}`
          : 'Nothing is on record yet.'}
      </p>
      <Tiles of={of.overall} />
      <div class="columns even">
        <Section title="Exposure over time">
          <TrendChart of={of.trend.points} step_s={of.trend.step_s} />
        </Section>
        <Section title="How long it takes">
          <TimesTable of={of.overall.times} />
        </Section>
      </div>
      <ByControl of={of.controls} />
      <Advice of={of.controls} />
      <div class="columns even">
        <Waiting of={of.waiting} />
        <Due of={of.exceptions_due} />
      </div>
    </>
  );
}

function Tiles({ of }: { of: Figures }) {
  const tiles: [label: string, value: string, note: string][] = [
    ['Found', String(of.findings.opened), `${of.findings.open} open at the end`],
    [
      'Set right',
      String(of.remediations.fixed),
      `${of.remediations.automatic} automatic, ${of.remediations.asked} asked, ${of.remediations.manual} manual`,
    ],
    [
      'Success',
      percent(of.rates.success),
      `${of.executions.succeeded} of ${plural(of.executions.all, 'execution')}`,
    ],
    [
      'Taken back',
      percent(of.rates.rollback),
      `${plural(of.remediations.rolled_back, 'time')}, ${of.remediations.withdrawn} by aright itself`,
    ],
    ['Came back', percent(of.rates.recurrence), plural(of.remediations.recurred, 'time')],
    ['Exposure', exposureText(of.findings.exposure_hours), 'of all findings together'],
  ];
  return (
    <ul class="tiles" aria-label="Figures">
      {tiles.map(([label, value, note]) => (
        <li key={label} class="card count">
          <span>{label}</span>
          <b>{value}</b>
          <span class="hint">{note}</span>
        </li>
      ))}
    </ul>
  );
}

const exposureText = (hours: number): string => roughly(hours * 3_600_000);

function ByControl({ of }: { of: ControlFigures[] }) {
  const sorted = [...of].sort((a, b) => b.findings.exposure_hours - a.findings.exposure_hours);
  return (
    <Section title="By control">
      {sorted.length === 0 ? (
        <Empty>No control found anything in this time.</Empty>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Figures by control">
          <table class="figures">
            <thead>
              <tr>
                <th scope="col">Control</th>
                <th scope="col">Opened</th>
                <th scope="col">Open</th>
                <th scope="col">Fixed</th>
                <th scope="col">Success</th>
                <th scope="col">Taken back</th>
                <th scope="col">Came back</th>
                <th scope="col">Median fix</th>
                <th scope="col">Exposure</th>
              </tr>
            </thead>
            <tbody>
              {sorted.map((one) => (
                <tr key={one.control}>
                  <th scope="row">
                    <a href={to(['controls'], { id: one.control })}>{one.title}</a>
                    <span class="block">
                      <Severity of={one.severity} />
                    </span>
                  </th>
                  <td>{one.findings.opened}</td>
                  <td class={one.findings.open > 0 ? 'tone-bad' : ''}>{one.findings.open}</td>
                  <td>{one.remediations.fixed}</td>
                  <td>{percent(one.rates.success)}</td>
                  <td>{percent(one.rates.rollback)}</td>
                  <td>{percent(one.rates.recurrence)}</td>
                  <td>{one.times.whole ? roughly(one.times.whole.median_s * 1000) : '–'}</td>
                  <td>{exposureText(one.findings.exposure_hours)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

const adviceTones = { promote: 'good', demote: 'bad', review: 'wait', answer: 'wait' };

function Advice({ of }: { of: ControlFigures[] }) {
  const all = of.flatMap((one) => one.advice.map((advice) => ({ ...advice, one })));
  if (all.length === 0) return null;
  return (
    <Section title="What the figures suggest">
      <ul class="lines-list">
        {all.map(({ kind, reason, one }, i) => (
          <li key={i} class="wrap">
            <span class="grow">
              <a href={to(['controls'], { id: one.control })}>{one.title}</a>
              <span class="hint block">{sentence(reason)}</span>
            </span>
            <span class={`stage tone-${adviceTones[kind]}`}>{kind}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Waiting({ of }: { of: Review['waiting'] }) {
  return (
    <Section title="Waiting for a person">
      {of.length === 0 ? (
        <Empty>Nothing waits.</Empty>
      ) : (
        <ul class="lines-list">
          {of.map((one) => (
            <li key={one.remediation}>
              <span class="grow">
                <a href={to(['remediations', one.remediation])}>{one.resource}</a>
                <span class="hint block">{one.control}</span>
              </span>
              <span class="hint">for {duration(one.waiting_s * 1000)}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Due({ of }: { of: Review['exceptions_due'] }) {
  return (
    <Section title="Exceptions that end soon" aside={<a href={to(['exceptions'])}>All</a>}>
      {of.length === 0 ? (
        <Empty>None ends soon.</Empty>
      ) : (
        <ul class="lines-list">
          {of.map((one) => (
            <li key={one.finding}>
              <span class="grow">
                <a href={to(['findings', one.finding])}>{one.control}</a>
                <span class="hint block">
                  {one.message}, by {one.by}
                </span>
              </span>
              <span class="hint">
                <When at={one.until} exact />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
