// What is required, how bad it is when it is not met, and what sets it right.

import { useEffect, useRef, useState } from 'preact/hooks';
import { MayBreak } from '../components/approval';
import { Empty, Facts, Severity, Shown, When, type Fact } from '../components/basic';
import { VouchedBar } from '../components/chart';
import { Search, SeverityChoice } from '../components/filter';
import { calm_ms, useLoaded } from '../resource';
import { replace, to } from '../router';
import type { Autonomy, Control, ControlFigures, ControlPage, Decided, Review, Track } from '../shapes';
import { duration } from '../when';
import {
  actionText,
  levelTexts,
  percent,
  plural,
  sentence,
  severityRank,
  typeText,
} from '../words';

interface Filter {
  show: string; // enabled, or all
  severity: string;
  text: string;
  id: string; // the one that is open
}

// A link to one control shows it, enabled or not.
function filterOf(query: URLSearchParams, controls: Control[]): Filter {
  const id = query.get('id') ?? '';
  return {
    show: query.get('show') ?? usualFor(id, controls),
    severity: query.get('severity') ?? '',
    text: query.get('text') ?? '',
    id,
  };
}

const usualFor = (id: string, controls: Control[]): string =>
  id === '' || controls.find((one) => one.id === id)?.enabled ? 'enabled' : 'all';

function fits(control: Control, filter: Filter): boolean {
  const text = filter.text.toLowerCase();
  const said = [
    control.id,
    control.title,
    control.resource_type,
    typeText(control.resource_type),
    ...Object.values(control.references ?? {}),
  ];
  return (
    (filter.show === 'all' || control.enabled) &&
    (!filter.severity || control.severity === filter.severity) &&
    (!text || said.some((one) => one.toLowerCase().includes(text)))
  );
}

const byImportance = (a: Control, b: Control): number =>
  Number(b.enabled) - Number(a.enabled) ||
  severityRank(a.severity) - severityRank(b.severity) ||
  a.title.localeCompare(b.title);

export function ControlsPage({ query }: { query: URLSearchParams }) {
  const loaded = useLoaded<{ controls: Control[] }>('/controls');
  const autonomy = useLoaded<Autonomy>('/autonomy').data;
  const review = useLoaded<Review>('/report', calm_ms).data;
  const tracks = new Map(autonomy?.controls.map((one) => [one.control, one]));
  const figures = new Map(review?.controls.map((one) => [one.control, one]));
  return (
    <Shown loaded={loaded}>
      {({ controls }) => {
        const filter = filterOf(query, controls);
        const change = (part: Partial<Filter>) => {
          const next = { ...filter, ...part };
          const usual = usualFor(next.id, controls);
          replace(to(['controls'], { ...next, show: next.show === usual ? '' : next.show }));
        };
        const shown = controls.filter((one) => fits(one, filter)).sort(byImportance);
        const enabled = controls.filter((one) => one.enabled).length;
        return (
          <>
            <Filters filter={filter} change={change} />
            <p class="hint" role="status">
              {plural(shown.length, 'control')} of {controls.length}; {enabled} enabled by the
              policy
            </p>
            {shown.length === 0 ? (
              <div class="card">
                <Empty>
                  {controls.length === 0
                    ? 'The catalog holds no control.'
                    : 'No control fits these filters.'}
                </Empty>
              </div>
            ) : (
              <ul class="controls">
                {shown.map((one) => (
                  <Row
                    key={one.id}
                    of={one}
                    open={filter.id === one.id}
                    track={tracks.get(one.id)}
                    levels={autonomy?.levels}
                    figures={figures.get(one.id)}
                  />
                ))}
              </ul>
            )}
          </>
        );
      }}
    </Shown>
  );
}

function Filters({ filter, change }: { filter: Filter; change: (part: Partial<Filter>) => void }) {
  return (
    <div class="filters" role="search">
      <Search
        text={filter.text}
        placeholder="bucket, encryption, CIS 2.1…"
        change={(text) => change({ text })}
      />
      <label>
        Show
        <select
          value={filter.show}
          onChange={(event) => change({ show: event.currentTarget.value })}>
          <option value="enabled">enabled</option>
          <option value="all">all</option>
        </select>
      </label>
      <SeverityChoice of={filter.severity} change={(severity) => change({ severity })} />
    </div>
  );
}

function Row({
  of,
  open,
  track,
  levels,
  figures,
}: {
  of: Control;
  open: boolean;
  track: Track | undefined;
  levels: Autonomy['levels'] | undefined;
  figures: ControlFigures | undefined;
}) {
  const [opened, setOpened] = useState(open);
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: 'center' });
  }, [open]);
  return (
    <li ref={row} class={`card control${of.enabled ? '' : ' disabled'}`}>
      <details open={open} onToggle={(event) => setOpened(event.currentTarget.open)}>
        <summary>
          <Severity of={of.severity} />
          <span class="control-title">
            {of.title}
            <span class="hint">
              {of.id} · {typeText(of.resource_type)}
            </span>
          </span>
          <span class="control-state">
            {track && track.level !== 'observe' && (
              <span class="stage tone-busy" title="What its fixes have earned">
                {levelTexts[track.level]}
              </span>
            )}
            {!of.enabled ? (
              <span class="stage tone-quiet">not enabled</span>
            ) : of.open_findings > 0 ? (
              <span class="stage tone-bad">{of.open_findings} open</span>
            ) : (
              <span class="stage tone-good">met</span>
            )}
          </span>
        </summary>
        {opened && <Body of={of} track={track} levels={levels} figures={figures} />}
      </details>
    </li>
  );
}

function Body({
  of,
  track,
  levels,
  figures,
}: {
  of: Control;
  track: Track | undefined;
  levels: Autonomy['levels'] | undefined;
  figures: ControlFigures | undefined;
}) {
  const page = useLoaded<ControlPage>(`/controls/${encodeURIComponent(of.id)}`);
  return (
    <div class="control-body">
      <div class="columns even flush">
        <div>
          {of.description && <p class="prose">{of.description}</p>}
          <Facts of={factsOf(of, page.data?.decided ?? [])} />
          {page.data?.may_break && <MayBreak of={page.data.may_break} />}
        </div>
        <div>
          <h3 class="label">Earned autonomy</h3>
          {track && levels ? (
            <Earned of={track} levels={levels} />
          ) : (
            <Empty>No fix of it has come to an end yet.</Empty>
          )}
          <h3 class="label">How well it works</h3>
          {figures ? <Effect of={figures} /> : <Empty>It found nothing so far.</Empty>}
          <h3 class="label">Tests in the catalog</h3>
          <Shown loaded={page}>{({ tests }) => <Tests id={of.id} of={tests} />}</Shown>
        </div>
      </div>
    </div>
  );
}

const factsOf = (of: Control, decided: Decided[]): Fact[] => [
  ['Set right by', sentence(actionText(of.remediation))],
  ...(decided.length ? [['Who decides', <Deciders of={decided} />] as Fact] : []),
  ...(of.risk ? [['Risk of the fix', of.risk] as Fact] : []),
  ...(of.rule ? [['Rule', <code>{of.rule}</code>] as Fact] : []),
  ...Object.entries(of.references ?? {}).map(([name, text]): Fact => [name, text]),
  [
    'Findings',
    <a href={to(['findings'], { control: of.id, status: 'all' })}>
      {of.open_findings} open; show all
    </a>,
  ],
];

function Deciders({ of }: { of: Decided[] }) {
  return (
    <>
      {of.map(({ decision, reason, accounts }) => (
        <div key={`${decision} ${reason}`}>
          {sentence(decision)}
          <span class="hint">
            {' '}
            {of.length > 1 && `in ${accounts.join(', ')}: `}
            {reason}
          </span>
        </div>
      ))}
    </>
  );
}

function Earned({ of, levels }: { of: Track; levels: Autonomy['levels'] }) {
  return (
    <>
      <p class="with-act">
        <b>{levelTexts[of.level]}</b>
        <span class="hint">
          {of.good} good, {of.bad} bad; vouches for {percent(of.vouched)}
        </span>
      </p>
      <VouchedBar vouched={of.vouched} levels={levels} />
      <p class="hint">
        {of.to_next
          ? `${plural(of.to_next, 'good one')} in a row to the next level.`
          : 'There is no higher level.'}
        {of.demoted_because && (
          <>
            {' '}
            Fell back {of.demoted_at && <When at={of.demoted_at} />}: {of.demoted_because}.
          </>
        )}
      </p>
    </>
  );
}

function Effect({ of }: { of: ControlFigures }) {
  return (
    <>
      <Facts
        of={[
          ['Found, fixed', `${of.findings.opened}, ${of.remediations.fixed}`],
          ['Success', percent(of.rates.success)],
          ['Taken back', percent(of.rates.rollback)],
          ['Came back', percent(of.rates.recurrence)],
          ['Median fix', of.times.whole ? duration(of.times.whole.median_s * 1000) : '–'],
          ['Exposure', duration(of.findings.exposure_hours * 3_600_000)],
        ]}
      />
      {of.advice.map((one, i) => (
        <p key={i} class="note tone-wait">
          <b>{sentence(one.kind)}:</b> {one.reason}
        </p>
      ))}
    </>
  );
}

function Tests({ id, of }: { id: string; of: string[] }) {
  if (of.length === 0) return <Empty>The catalog has none of it.</Empty>;
  return (
    <>
      <ul class="reasons">
        {of.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <p class="hint">
        <code>aright controls test {id}</code> runs them.
      </p>
    </>
  );
}
