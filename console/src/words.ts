// The engine's words as people read them. The words themselves are the vision's; only their dress is ours.

import type { Action, Json, Resource, SeverityName, StageName } from './shapes';

export const severities: SeverityName[] = ['critical', 'high', 'medium', 'low', 'informational'];
export const severityRank = (severity: SeverityName): number => severities.indexOf(severity);

const stages: Record<StageName, string> = {
  opened: 'Opened',
  deferred: 'Deferred',
  planning: 'Planning',
  planned: 'Planned',
  awaiting_approval: 'Awaiting approval',
  ready: 'Ready',
  executing: 'Executing',
  verifying: 'Verifying',
  retrying: 'Retrying',
  resolved: 'Resolved',
  rolling_back: 'Rolling back',
  rolled_back: 'Rolled back',
  escalated: 'Escalated',
  closed: 'Closed',
};
export const stageText = (stage: string): string => stages[stage as StageName] ?? sentence(stage);

// Under way without a person: neither waiting for one nor at an end.
export const inFlight: StageName[] = [
  'opened',
  'planning',
  'planned',
  'ready',
  'executing',
  'verifying',
  'retrying',
  'rolling_back',
];

export type Tone = 'good' | 'busy' | 'wait' | 'bad' | 'quiet';
export function stageTone(stage: string): Tone {
  switch (stage as StageName) {
    case 'resolved':
      return 'good';
    case 'awaiting_approval':
      return 'wait';
    case 'escalated':
      return 'bad';
    case 'rolled_back':
    case 'closed':
    case 'deferred':
      return 'quiet';
    case 'opened':
    case 'planning':
    case 'planned':
    case 'ready':
    case 'executing':
    case 'verifying':
    case 'retrying':
    case 'rolling_back':
      return 'busy';
  }
  return 'quiet';
}

// Of executions and their steps, in Systems Manager's words.
const statuses: Record<string, [text: string, tone: Tone]> = {
  Pending: ['Ahead', 'quiet'],
  InProgress: ['Running', 'busy'],
  Waiting: ['Waits for a person', 'wait'],
  Success: ['Succeeded', 'good'],
  Failed: ['Failed', 'bad'],
  TimedOut: ['Timed out', 'bad'],
  Cancelling: ['Is being cancelled', 'wait'],
  Cancelled: ['Cancelled', 'quiet'],
  Approved: ['Approved', 'good'],
  Rejected: ['Rejected', 'bad'],
  PendingApproval: ['Awaiting approval', 'wait'],
  Exited: ['Exited', 'quiet'],
};
export const statusText = (status: string): string => statuses[status]?.[0] ?? status;
export const statusTone = (status: string): Tone => statuses[status]?.[1] ?? 'quiet';

export const reasonTexts = {
  failed: 'Failed',
  stuck: 'Stuck',
  unapproved: 'Not approved in time',
  recurring: 'Found again',
  fought: 'Somebody undoes it',
  breaker_open: 'Breaker open',
};

export const levelTexts = {
  observe: 'Observe',
  approval: 'Approval',
  canary: 'Canary waves',
  automatic: 'Automatic',
};

export const percent = (share: number | null): string =>
  share === null ? '–' : `${Math.round(share * 100)} %`;

// arn:aws:iam::111122223333:role/SecurityApprover → SecurityApprover
export const lastPart = (arn: string): string => arn.split('/').at(-1) ?? arn;

export const sentence = (text: string): string => {
  const plain = text.replaceAll('_', ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
};

export const decisionText = (decision: string | null): string =>
  decision ? sentence(decision) : 'Not decided yet';

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

// AWS::S3::Bucket → S3 bucket
export function typeText(type: string): string {
  const [, service, kind] = type.split('::');
  if (!service || !kind) return type;
  return `${service} ${kind.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()}`;
}
export const resourceText = (resource: Resource): string =>
  `${typeText(resource.type)} ${resource.id}`;

export function actionText(action: Action | undefined): string {
  if (action?.runbook) return `runbook ${action.runbook}`;
  if (action?.function) return `function ${action.function}`;
  return 'nothing by itself';
}

// Config wraps a parameter's value: {"ResourceValue": {"Value": …}}, {"StaticValue": {"Values": […]}}.
export function parameterText(value: Json): string {
  if (typeof value === 'string') return value;
  const wrapped = value as {
    ResourceValue?: { Value?: string };
    StaticValue?: { Values?: string[] };
  } | null;
  return (
    wrapped?.ResourceValue?.Value ??
    wrapped?.StaticValue?.Values?.join(', ') ??
    JSON.stringify(value)
  );
}

const sources: Record<string, string> = {
  aright: 'aright',
  'aws.securityhub': 'Security Hub',
  'aws.guardduty': 'GuardDuty',
  'aws.config': 'Config',
};
export const sourceText = (source: string): string => sources[source] ?? source;

export const shortHash = (hash: string): string => hash.slice(0, 12);
