// Every finding, with filters that live in the address, so that a filtered list can be sent to somebody; several can be
// chosen and acted on together.

import { useState } from 'preact/hooks';
import { Act } from '../components/act';
import { Empty, ResourceName, Sentence, Severity, Shown, Stage, When } from '../components/basic';
import { BulkBar } from '../components/bulk';
import { Search, SeverityChoice } from '../components/filter';
import { moveAmongRows } from '../components/rows';
import {
  filterOf,
  groupings,
  groupsOf,
  queryOf,
  shownOf,
  type Filter,
  type Group,
  type Grouping,
  type Order,
} from '../finding_filter';
import { useLoaded } from '../resource';
import { replace, to } from '../router';
import type { Finding } from '../shapes';
import { plural } from '../words';
import { scanDeed } from './scan';

const first_rows = 200;
const more_rows = 500;

const orders: [order: Order, label: string][] = [
  ['severity', 'Severity'],
  ['control', 'Finding'],
  ['resource', 'Resource'],
  ['first_seen', 'First seen'],
];

type Change = (part: Partial<Filter>) => void;

interface Choice {
  has: (finding: Finding) => boolean;
  set: (findings: Finding[], chosen: boolean) => void;
}

export function FindingsPage({ query }: { query: URLSearchParams }) {
  const loaded = useLoaded<{ findings: Finding[] }>('/findings');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const filter = filterOf(query);
  const change: Change = (part) => replace(to(['findings'], queryOf({ ...filter, ...part })));
  const choice: Choice = {
    has: (finding) => chosen.has(finding.id),
    set: (findings, on) => {
      const next = new Set(chosen);
      for (const { id } of findings) {
        if (on) next.add(id);
        else next.delete(id);
      }
      setChosen(next);
    },
  };
  return (
    <Shown loaded={loaded}>
      {({ findings }) => {
        const shown = shownOf(findings, filter);
        return (
          <>
            <Filters filter={filter} change={change} all={findings} />
            <div class="list-head">
              <p class="hint" role="status">
                {plural(shown.length, 'finding')} of {findings.length}
              </p>
              <Act deed={scanDeed(loaded.again)} />
            </div>
            {shown.length === 0 ? (
              <div class="card">
                <Empty>
                  {findings.length === 0
                    ? 'Nothing was found yet. A scan reads the account.'
                    : 'No finding fits these filters.'}
                </Empty>
              </div>
            ) : (
              <Table of={shown} filter={filter} change={change} choice={choice} />
            )}
            <BulkBar
              of={shown.filter(choice.has)}
              clear={() => setChosen(new Set())}
              again={loaded.again}
            />
          </>
        );
      }}
    </Shown>
  );
}

function Filters({ filter, change, all }: { filter: Filter; change: Change; all: Finding[] }) {
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
          <option value="excepted">left alone</option>
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
      <label>
        Group by
        <select
          value={filter.group}
          onChange={(event) => change({ group: event.currentTarget.value as Grouping })}>
          {groupings.map(([one, label]) => (
            <option key={one} value={one}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Table({
  of,
  filter,
  change,
  choice,
}: {
  of: Finding[];
  filter: Filter;
  change: Change;
  choice: Choice;
}) {
  const [bound, setBound] = useState(first_rows);
  const open = of.filter((one) => one.status === 'open');
  const sort = (order: Order) =>
    change({ order, reverse: filter.order === order && !filter.reverse });
  return (
    <div class="card table-card">
      <table class="rows choosable">
        <thead>
          <tr>
            <th scope="col" class="cell-choose">
              <Choose of={open} choice={choice} label="Choose all that are open" />
            </th>
            {orders.map(([one, label]) => (
              <th
                key={one}
                scope="col"
                aria-sort={
                  filter.order !== one ? undefined : filter.reverse ? 'descending' : 'ascending'
                }>
                <button type="button" class="sort" onClick={() => sort(one)}>
                  {label}
                </button>
              </th>
            ))}
            <th scope="col">Stage</th>
          </tr>
        </thead>
        {groupsOf(of.slice(0, bound), filter.group).map((group) => (
          <tbody key={group.name} onKeyDown={(event) => pressedInRows(event, of, choice)}>
            {group.name && <GroupRow of={group} choice={choice} />}
            {group.findings.map((finding) => (
              <Row
                key={finding.id}
                of={finding}
                choice={choice}
                titled={filter.group !== 'control'}
              />
            ))}
          </tbody>
        ))}
      </table>
      {of.length > bound && (
        <button type="button" class="quiet more-rows" onClick={() => setBound(bound + more_rows)}>
          Show {Math.min(of.length - bound, more_rows)} more of {of.length}
        </button>
      )}
    </div>
  );
}

function pressedInRows(event: KeyboardEvent, all: Finding[], choice: Choice): void {
  const id = document.activeElement?.getAttribute('data-finding');
  const finding = event.key === 'x' && all.find((one) => one.id === id);
  if (finding) choice.set([finding], !choice.has(finding));
  else moveAmongRows(event);
}

function Choose({ of, choice, label }: { of: Finding[]; choice: Choice; label: string }) {
  const count = of.filter(choice.has).length;
  return (
    <input
      type="checkbox"
      aria-label={label}
      disabled={of.length === 0}
      checked={count > 0 && count === of.length}
      ref={(box) => {
        if (box) box.indeterminate = count > 0 && count < of.length;
      }}
      onChange={(event) => choice.set(of, event.currentTarget.checked)}
    />
  );
}

function GroupRow({ of, choice }: { of: Group; choice: Choice }) {
  const open = of.findings.filter((one) => one.status === 'open');
  return (
    <tr class="group-row">
      <td class="cell-choose">
        <Choose of={open} choice={choice} label={`Choose all of ${of.name}`} />
      </td>
      <th scope="rowgroup" colSpan={5}>
        {of.name} <span class="hint">{plural(of.findings.length, 'finding')}</span>
      </th>
    </tr>
  );
}

// Untitled where the group says the same.
function Row({ of, choice, titled }: { of: Finding; choice: Choice; titled: boolean }) {
  return (
    <tr class={choice.has(of) ? 'chosen' : ''}>
      <td class="cell-choose">
        <Choose
          of={of.status === 'open' ? [of] : []}
          choice={choice}
          label={`Choose ${of.title} on ${of.resource.id}`}
        />
      </td>
      <td class="cell-severity">
        <Severity of={of.severity} />
      </td>
      <td class="cell-main">
        <a class="row-link" href={to(['findings', of.id])} data-finding={of.id}>
          {titled || !of.annotation ? of.title : <Sentence text={of.annotation} />}
        </a>
        {titled && of.annotation && (
          <span class="hint">
            <Sentence text={of.annotation} />
          </span>
        )}
      </td>
      <td class="cell-resource">
        <ResourceName of={of.resource} />
      </td>
      <td class="cell-time">
        <When at={of.first_seen} />
      </td>
      <td class="cell-stage">
        <State of={of} />
      </td>
    </tr>
  );
}

function State({ of }: { of: Finding }) {
  if (of.status === 'open' && of.exception)
    return (
      <span class="stage tone-quiet" title={of.exception.message}>
        Left alone
      </span>
    );
  if (of.stage) return <Stage of={of.stage} />;
  return (
    <span class={`stage ${of.status === 'open' ? 'tone-bad' : 'tone-good'}`}>{of.status}</span>
  );
}
