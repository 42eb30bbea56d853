// What is required, how bad it is when it is not met, and what sets it right.

import { Empty, Facts, Severity, Shown, type Fact } from '../components/basic';
import { Search, SeverityChoice } from '../components/filter';
import { useLoaded } from '../resource';
import { replace, to } from '../router';
import type { Control } from '../shapes';
import { actionText, plural, sentence, severityRank, typeText } from '../words';

interface Filter {
  show: string; // enabled, or all
  severity: string;
  text: string;
  id: string; // the one that is open
}

// A link to one control shows it, enabled or not.
function filterOf(query: URLSearchParams): Filter {
  const id = query.get('id') ?? '';
  return {
    show: query.get('show') ?? (id ? 'all' : 'enabled'),
    severity: query.get('severity') ?? '',
    text: query.get('text') ?? '',
    id,
  };
}

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
  const filter = filterOf(query);
  const change = (part: Partial<Filter>) => {
    const next = { ...filter, ...part };
    const usual = next.id ? 'all' : 'enabled';
    replace(to(['controls'], { ...next, show: next.show === usual ? '' : next.show }));
  };
  return (
    <Shown loaded={loaded}>
      {({ controls }) => {
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
                  <Row key={one.id} of={one} open={filter.id === one.id} />
                ))}
              </ul>
            )}
          </>
        );
      }}
    </Shown>
  );
}

function Filters({
  filter,
  change,
}: {
  filter: Filter;
  change: (part: Partial<Filter>) => void;
}) {
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

function Row({ of, open }: { of: Control; open: boolean }) {
  return (
    <li class={`card control${of.enabled ? '' : ' disabled'}`}>
      <details open={open}>
        <summary>
          <Severity of={of.severity} />
          <span class="control-title">
            {of.title}
            <span class="hint">
              {of.id} · {typeText(of.resource_type)}
            </span>
          </span>
          <span class="control-state">
            {!of.enabled ? (
              <span class="stage tone-quiet">not enabled</span>
            ) : of.open_findings > 0 ? (
              <span class="stage tone-bad">{of.open_findings} open</span>
            ) : (
              <span class="stage tone-good">met</span>
            )}
          </span>
        </summary>
        <div class="control-body">
          {of.description && <p class="prose">{of.description}</p>}
          <Facts
            of={[
              ['Set right by', sentence(actionText(of.remediation))],
              [
                'Who decides',
                of.decision
                  ? sentence(of.decision)
                  : of.automatic
                    ? 'Automatic'
                    : "The policy's rules",
              ],
              ...(of.risk ? [['Risk of the fix', of.risk] as Fact] : []),
              ...(of.rule ? [['Rule', <code>{of.rule}</code>] as Fact] : []),
              ...Object.entries(of.references ?? {}).map(([name, text]): Fact => [name, text]),
              [
                'Findings',
                <a href={to(['findings'], { control: of.id, status: 'all' })}>
                  {of.open_findings} open; show all
                </a>,
              ],
            ]}
          />
        </div>
      </details>
    </li>
  );
}
