// What the REST API answers with; docs/reference/api.md is the contract. Members that the engine may leave out are
// optional here, so that the console shows less rather than nothing.

export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

export type SeverityName = 'critical' | 'high' | 'medium' | 'low' | 'informational';

export type StageName =
  | 'opened'
  | 'deferred'
  | 'planning'
  | 'planned'
  | 'awaiting_approval'
  | 'ready'
  | 'executing'
  | 'verifying'
  | 'retrying'
  | 'resolved'
  | 'rolling_back'
  | 'rolled_back'
  | 'escalated'
  | 'closed';

export interface Resource {
  account: string;
  region: string;
  type: string;
  id: string;
  arn?: string;
}

export interface Action {
  runbook?: string;
  function?: string;
  parameters?: { [name: string]: Json };
}

// A sentence of the story. On a remediation's timeline it has a stream and a position, in /overview's recent it may
// have a remediation.
export interface Line {
  time: string;
  kind: string;
  text: string;
  stream?: string;
  position?: number;
  remediation?: string;
  reasons?: string[];
}

export interface Approval {
  kind: 'plan' | 'step';
  remediation: string; // empty for a step of a runbook that a person started
  execution: string | null;
  step: string | null;
  plan_hash: string | null; // of plans
  title: string;
  message: string;
  severity: SeverityName;
  resource?: Resource;
  approvers?: string[];
  approval?: { needed: number; agreed: { principal: string }[] }; // of plans
  requested_at: string | null;
  expires_at: string;
}

export interface ControlCount {
  control: string;
  title: string;
  severity: SeverityName;
  open: number;
  resolved: number;
}

export interface Overview {
  version: string;
  halted: boolean;
  now?: string; // the engine's time
  target: string;
  account: string;
  ledger_entries: number;
  findings: {
    open: number;
    resolved: number;
    by_severity: Partial<Record<SeverityName, number>>;
    by_control: ControlCount[];
  };
  remediations: { by_stage: Partial<Record<StageName, number>> };
  waiting: Approval[];
  median_time_to_fix_s: number | null;
  recent: Line[];
}

export interface Finding {
  id: string;
  control: string;
  title: string;
  severity: SeverityName;
  status: 'open' | 'resolved';
  resource: Resource;
  annotation: string;
  source: string;
  first_seen: string;
  last_seen: string;
  resolved_at: string | null;
  resolved_by?: string | null;
  times_opened?: number;
  remediation: string | null;
  stage?: StageName | null;
}

export interface FindingPage extends Finding {
  remediations: RemediationSummary[];
  description?: string;
  references?: { [name: string]: string };
}

export interface RemediationSummary {
  id: string;
  finding: string;
  control: string;
  resource: Resource;
  stage: StageName;
  decision: string | null; // not decided yet
  opened_at: string;
  updated_at: string;
  action: Action;
  title: string;
  severity: SeverityName;
  plan_hash: string | null;
  requester?: string;
}

export interface PlannedCall {
  service: string;
  operation: string;
  region?: string;
  account?: string;
  input: Json;
  reversible?: boolean;
}

export interface Change {
  pointer: string;
  before?: Json; // absent: the member was added
  after?: Json; // absent: it was removed
}

// A resource that names the one to be set right, and where.
export interface Dependent {
  type: string;
  id: string;
  by: string;
}

export interface Plan {
  id: string;
  hash: string;
  made_at: string;
  resource: Resource;
  action: Action;
  reversible: boolean;
  writes: PlannedCall[];
  difference: Change[];
  inverse: PlannedCall[];
  permissions: string[];
  unrehearsed: string[];
  disruption: 'none' | 'access' | 'restart' | 'stop';
  confidence: 'partial' | 'rehearsed' | 'proven';
  harmed: string[];
  dependents: Dependent[];
  dependents_unknown?: string;
  last_used?: string;
  approvals: string[];
  precondition: string;
}

export interface Call {
  token: string;
  service: string;
  operation: string;
  input: Json;
  effect: string;
  resources: string[];
  status: 'ok' | 'failed' | 'open';
  error?: string;
  time?: string;
}

export interface ExecutionSummary {
  id: string;
  remediation?: string;
  document: string;
  status: string;
  started_at: string;
  ended_at: string | null;
}

export type Ability = 'approve' | 'reject' | 'rollback';

export interface Remediation extends RemediationSummary {
  reasons: string[];
  plan: Plan | null;
  approvals: { principal: string; comment: string; at: string }[];
  executions: ExecutionSummary[];
  calls: Call[];
  verification: { [member: string]: Json } | null;
  rollback: { [member: string]: Json } | null;
  may_break: string;
  can: Ability[];
  timeline: Line[];
}

export interface Limit {
  of: 'control' | 'account' | 'region' | 'type' | 'everything';
  value: string;
  starts?: number;
  percent?: number;
  window_s: number;
}

export interface Brakes {
  halted: boolean; // everything is
  halts: { what: string; by: string; at: string; reason: string }[];
  freezes: { name: string; on: boolean; until: string | null }[];
  limits: Limit[];
  breaker: { failures: number; pause_s: number };
  breakers: { control: string; state: 'open' | 'half_open'; failed_at: string; until: string }[];
  fights: { rounds: number; window_s: number };
  held: {
    remediation: string;
    control: string;
    resource: Resource;
    until: string;
    reason: string;
  }[];
  in_flight: ExecutionSummary[];
}

export interface Control {
  id: string;
  title: string;
  description?: string;
  severity: SeverityName;
  risk?: string;
  resource_type: string;
  rule?: string;
  enabled: boolean;
  automatic?: boolean;
  decision?: string;
  open_findings: number;
  remediation?: Action;
  references?: { [name: string]: string };
}

export interface Entry {
  position: number;
  stream: string;
  sequence: number;
  kind: string;
  time: string;
  text?: string;
  body: Json;
  hash: string;
}

export interface LedgerPage {
  entries: Entry[];
  size: number;
}

export interface LedgerVerdict {
  ok: boolean;
  entries: number;
  head: string;
  fault?: { position: number; what: string };
}

export interface ScanReport {
  evaluated: number;
  non_compliant: number;
  findings_opened: number;
}
