// Which findings a list shows, in which order and groups. Pure: it lives in the page's address.

import type { Finding } from './shapes';
import { resourceText, sentence, severityRank, typeText } from './words';

export type Order = 'severity' | 'control' | 'resource' | 'first_seen';
export type Grouping = '' | 'control' | 'type' | 'resource' | 'account' | 'severity';

export interface Filter {
  status: string; // open, resolved, excepted, all
  severity: string;
  control: string;
  text: string;
  order: Order;
  reverse: boolean;
  group: Grouping;
}

const compare: Record<Order, (a: Finding, b: Finding) => number> = {
  severity: (a, b) =>
    severityRank(a.severity) - severityRank(b.severity) || b.first_seen.localeCompare(a.first_seen),
  resource: (a, b) => resourceText(a.resource).localeCompare(resourceText(b.resource)),
  control: (a, b) => a.title.localeCompare(b.title),
  first_seen: (a, b) => b.first_seen.localeCompare(a.first_seen),
};

export const groupings: [grouping: Grouping, label: string][] = [
  ['', 'nothing'],
  ['control', 'control'],
  ['resource', 'resource'],
  ['type', 'type of resource'],
  ['account', 'account and region'],
  ['severity', 'severity'],
];

const groupText: Record<Exclude<Grouping, ''>, (finding: Finding) => string> = {
  control: (finding) => finding.title,
  type: (finding) => typeText(finding.resource.type),
  resource: (finding) => resourceText(finding.resource),
  account: ({ resource }) => `${resource.account} ${resource.region || 'global'}`,
  severity: (finding) => sentence(finding.severity),
};

export function filterOf(query: URLSearchParams): Filter {
  const order = query.get('order') as Order;
  const group = query.get('group') as Grouping;
  return {
    status: query.get('status') ?? 'open',
    severity: query.get('severity') ?? '',
    control: query.get('control') ?? '',
    text: query.get('text') ?? '',
    order: order in compare ? order : 'severity',
    reverse: query.get('reverse') === 'yes',
    group: groupings.some(([one]) => one === group) ? group : '',
  };
}

export const queryOf = (filter: Filter): Record<string, string> => ({
  status: filter.status === 'open' ? '' : filter.status,
  severity: filter.severity,
  control: filter.control,
  text: filter.text,
  order: filter.order === 'severity' ? '' : filter.order,
  reverse: filter.reverse ? 'yes' : '',
  group: filter.group,
});

function fits(finding: Finding, filter: Filter): boolean {
  const text = filter.text.toLowerCase();
  const said = [
    finding.title,
    finding.control,
    finding.annotation,
    finding.resource.id,
    finding.resource.type,
    finding.resource.account,
    finding.resource.arn ?? '',
  ];
  const status =
    filter.status === 'all' ||
    (filter.status === 'excepted'
      ? finding.status === 'open' && Boolean(finding.exception)
      : finding.status === filter.status);
  return (
    status &&
    (!filter.severity || finding.severity === filter.severity) &&
    (!filter.control || finding.control === filter.control) &&
    (!text || said.some((one) => one.toLowerCase().includes(text)))
  );
}

export function shownOf(findings: Finding[], filter: Filter): Finding[] {
  const sorted = findings.filter((one) => fits(one, filter)).sort(compare[filter.order]);
  return filter.reverse ? sorted.reverse() : sorted;
}

export interface Group {
  name: string; // "" for a list without groups
  findings: Finding[];
}

// Groups in the order of their first findings, so that what matters most stands first.
export function groupsOf(findings: Finding[], grouping: Grouping): Group[] {
  if (grouping === '') return [{ name: '', findings }];
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const name = groupText[grouping](finding);
    groups.set(name, [...(groups.get(name) ?? []), finding]);
  }
  return [...groups].map(([name, members]) => ({ name, findings: members }));
}
