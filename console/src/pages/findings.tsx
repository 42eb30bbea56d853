// Every finding, with filters that live in the address, so that a filtered list can be sent to somebody.

import { Act } from '../components/act';
import { Empty, ResourceName, Severity, Shown, Stage, When } from '../components/basic';
import { Search, SeverityChoice } from '../components/filter';
import { useLoaded } from '../resource';
import { replace, to } from '../router';
import type { Finding } from '../shapes';
import { plural, resourceText, severityRank } from '../words';
import { scanDeed } from './scan';

type Order = 'severity' | 'resource' | 'control' | 'first_seen';
const orders: [order: Order, label: string][] = [
  ['severity', 'Severity'],
  ['control', 'Finding'],
  ['resource', 'Resource'],
  ['first_seen', 'First seen'],
];

const compare: Record<Order, (a: Finding, b: Finding) => number> = {
  severity: (a, b) =>
    severityRank(a.severity) - severityRank(b.severity) || b.first_seen.localeCompare(a.first_seen),
  resource: (a, b) => resourceText(a.resource).localeCompare(resourceText(b.resource)),
  control: (a, b) => a.title.localeCompare(b.title),
  first_seen: (a, b) => b.first_seen.localeCompare(a.first_seen),
};

interface Filter {
  status: string;
  severity: string;
  control: string;
  text: string;
  order: Order;
}

function filterOf(query: URLSearchParams): Filter {
  const order = query.get('order') as Order;
  return {
    status: query.get('status') ?? 'open',
    severity: query.get('severity') ?? '',
    control: query.get('control') ?? '',
    text: query.get('text') ?? '',
    order: order in compare ? order : 'severity',
  };
}

function fits(finding: Finding, filter: Filter): boolean {
  const text = filter.text.toLowerCase();
  const said = [
    finding.title,
    finding.control,
    finding.annotation,
    finding.resource.id,
    finding.resource.type,
    finding.resource.arn ?? '',
  ];
  return (
    (filter.status === 'all' || finding.status === filter.status) &&
    (!filter.severity || finding.severity === filter.severity) &&
    (!filter.control || finding.control === filter.control) &&
    (!text || said.some((one) => one.toLowerCase().includes(text)))
  );
}

export function FindingsPage({ query }: { query: URLSearchParams }) {
  const loaded = useLoaded<{ findings: Finding[] }>('/findings');
  const filter = filterOf(query);
  const change = (part: Partial<Filter>) => {
    const next = { ...filter, ...part };
    replace(
      to(['findings'], {
        status: next.status === 'open' ? '' : next.status,
        severity: next.severity,
        control: next.control,
        text: next.text,
        order: next.order === 'severity' ? '' : next.order,
      }),
    );
  };
  return (
    <Shown loaded={loaded}>
      {({ findings }) => {
        const shown = findings
          .filter((finding) => fits(finding, filter))
          .sort(compare[filter.order]);
        return (
          <>
            <Filters filter={filter} change={change} all={findings} again={loaded.again} />
            <p class="hint" role="status">
              {plural(shown.length, 'finding')} of {findings.length}
            </p>
            {shown.length === 0 ? (
              <div class="card">
                <Empty>
                  {findings.length === 0
                    ? 'Nothing was found yet. A scan reads the account.'
                    : 'No finding fits these filters.'}
                </Empty>
              </div>
            ) : (
              <Table of={shown} order={filter.order} change={change} />
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
  all,
  again,
}: {
  filter: Filter;
  change: (part: Partial<Filter>) => void;
  all: Finding[];
  again: () => void;
}) {
  const controls = [...new Map(all.map((finding) => [finding.control, finding.title]))].sort(
    (a, b) => a[1].localeCompare(b[1]),
  );
  return (
    <div class="filters" role="search">
      <Search
        text={filter.text}
        placeholder="bucket, group, instance…"
        change={(text) => change({ text })}
      />
      <label>
        Status
        <select
          value={filter.status}
          onChange={(event) => change({ status: event.currentTarget.value })}>
          <option value="open">open</option>
          <option value="resolved">resolved</option>
          <option value="all">all</option>
        </select>
      </label>
      <SeverityChoice of={filter.severity} change={(severity) => change({ severity })} />
      <label class="wide">
        Control
        <select
          value={filter.control}
          onChange={(event) => change({ control: event.currentTarget.value })}>
          <option value="">all</option>
          {controls.map(([id, title]) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <Act deed={scanDeed(again)} />
    </div>
  );
}

// Up, down, home and end move between rows; each row is reached by tab, too.
function moveAmongRows(event: KeyboardEvent): void {
  if (!(event.currentTarget instanceof Element)) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('a.row-link')];
  const at = links.findIndex((link) => link === document.activeElement);
  if (at < 0) return;
  const next: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: links.length - 1,
  };
  const target = links[next[event.key] ?? -1];
  if (!target) return;
  event.preventDefault();
  target.focus();
}

function Table({
  of,
  order,
  change,
}: {
  of: Finding[];
  order: Order;
  change: (part: Partial<Filter>) => void;
}) {
  return (
    <div class="card table-card">
      <table class="rows">
        <thead>
          <tr>
            {orders.map(([one, label]) => (
              <th key={one} scope="col" aria-sort={order === one ? 'ascending' : undefined}>
                <button type="button" class="sort" onClick={() => change({ order: one })}>
                  {label}
                </button>
              </th>
            ))}
            <th scope="col">Stage</th>
          </tr>
        </thead>
        <tbody onKeyDown={moveAmongRows}>
          {of.map((finding) => (
            <Row key={finding.id} of={finding} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ of }: { of: Finding }) {
  return (
    <tr>
      <td class="cell-severity">
        <Severity of={of.severity} />
      </td>
      <td class="cell-main">
        <a class="row-link" href={to(['findings', of.id])}>
          {of.title}
        </a>
        <span class="hint">{of.annotation}</span>
      </td>
      <td>
        <ResourceName of={of.resource} />
      </td>
      <td class="cell-time">
        <When at={of.first_seen} />
      </td>
      <td class="cell-stage">
        {of.stage ? (
          <Stage of={of.stage} />
        ) : (
          <span class={`stage ${of.status === 'open' ? 'tone-bad' : 'tone-good'}`}>
            {of.status}
          </span>
        )}
      </td>
    </tr>
  );
}
