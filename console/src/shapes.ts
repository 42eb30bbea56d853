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

// Leaves a finding alone until it ends.
export interface Exception {
  message: string;
  by: string;
  until: string | null; // null: until somebody ends it
  owner?: string;
  compensating_control?: string;
  remind_s?: number[];
}

export interface HeldException {
  finding: string | null; // null: of the policy, for all that it fits
  name?: string; // of the policy's
  control: string;
  resource: Partial<Resource> & { type: string; id: string };
  exception: Exception;
  void?: boolean; // its compensating control was not met
  void_for?: string[]; // of the policy's: the findings for which it was not
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
  exception?: Exception | null;
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
  outlook?: { [control: string]: { before: string; after: string } };
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

// GetAutomationExecution's shape, as far as the console shows it.
export interface StepExecution {
  StepName: string;
  Action: string;
  StepStatus: string;
  OnFailure: string;
  MaxAttempts?: number;
  StepExecutionId?: string; // absent: it has not begun
  ExecutionStartTime?: string;
  ExecutionEndTime?: string;
  Inputs?: { [name: string]: string };
  Outputs?: { [name: string]: string[] };
  FailureMessage?: string;
  ParentStepDetails?: { StepName: string; Iteration: number; IteratorValue?: string };
}

export interface Execution {
  id: string;
  remediation?: string;
  DocumentName: string;
  AutomationExecutionStatus: string;
  ExecutionStartTime: string;
  ExecutionEndTime?: string;
  ExecutedBy?: string;
  FailureMessage?: string;
  Parameters: { [name: string]: string[] };
  Outputs: { [name: string]: Json };
  StepExecutions: StepExecution[];
}

export interface FlowWay {
  kind: 'next' | 'choice' | 'otherwise' | 'failure' | 'cancel';
  to: string; // a step of the same list; "": the list's end
  why: string; // a choice's condition in words
}

export interface FlowStep {
  name: string;
  action: string;
  subject: string;
  ways: FlowWay[];
  steps: FlowStep[]; // of a loop
}

export interface ExecutionFlow {
  document: string;
  steps: FlowStep[];
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

// What the last look after the fix showed.
export interface Verification {
  compliance: string;
  annotation: string;
  good: boolean;
  others?: { [control: string]: string };
  unhealthy?: string;
  again?: string; // when it is looked at again, and why
  why_again?: string;
}

export interface Remediation extends RemediationSummary {
  reasons: string[];
  plan: Plan | null;
  approvals: { principal: string; comment: string; at: string }[];
  executions: ExecutionSummary[];
  calls: Call[];
  verification: Verification | null;
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

// All of it has to fit; none: everything.
export interface HaltScope {
  account?: string;
  region?: string;
  service?: string;
  control?: string;
}

export interface Halt {
  what: string;
  scope: HaltScope;
  by: string;
  at: string;
  reason: string;
}

export interface Brakes {
  halted: boolean; // everything is
  halts: Halt[];
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
  open_findings: number;
  remediation?: Action;
  references?: { [name: string]: string };
}

// What the policy comes to for the findings of a control, in accounts where it comes to the same.
export interface Decided {
  decision: string;
  reason: string;
  accounts: string[];
}

export interface ControlPage extends Control {
  decided: Decided[]; // none where it is enabled nowhere
  may_break: string;
  tests: string[];
}

// What the fixes of a control have earned.
export interface Track {
  control: string;
  level: 'observe' | 'approval' | 'canary' | 'automatic';
  vouched: number;
  to_next: number | null;
  good: number;
  bad: number;
  streak: number;
  running: number;
  demoted_at?: string;
  demoted_because?: string;
}

export interface Autonomy {
  levels: { approval: number; canary: number; automatic: number };
  controls: Track[];
}

export interface Spread {
  count: number;
  mean_s: number;
  median_s: number;
  p90_s: number;
  p99_s: number;
  max_s: number;
}

export type TimeKind = 'detect' | 'decide' | 'approve' | 'execute' | 'verify' | 'whole';
export type Share = number | null;

export interface Figures {
  findings: {
    opened: number;
    resolved: number;
    resolved_otherwise: number;
    open: number;
    exposure_hours: number;
  };
  remediations: {
    automatic: number;
    asked: number;
    manual: number;
    fixed: number;
    escalated: number;
    rolled_back: number;
    withdrawn: number;
    recurred: number;
    disputed: number;
  };
  approvals: { approved: number; rejected: number; expired: number };
  executions: { all: number; succeeded: number };
  rates: { success: Share; rollback: Share; recurrence: Share; false_positive: Share };
  times: Record<TimeKind, Spread | null>;
}

export interface ControlFigures extends Figures {
  control: string;
  title: string;
  severity: SeverityName;
  advice: { kind: 'promote' | 'demote' | 'review' | 'answer'; reason: string }[];
}

export interface TrendPoint {
  at: string;
  opened: number;
  resolved: number;
  open: number;
}

export interface Review {
  since: string;
  until: string;
  first_entry: string | null;
  overall: Figures;
  controls: ControlFigures[];
  trend: { step_s: number; points: TrendPoint[] };
  waiting: {
    remediation: string;
    control: string;
    resource: string;
    asked: string;
    waiting_s: number;
  }[];
  exceptions_due: {
    finding: string;
    control: string;
    by: string;
    message: string;
    until: string;
  }[];
}

export interface Escalation {
  id: string;
  reason: 'failed' | 'stuck' | 'unapproved' | 'recurring' | 'fought' | 'breaker_open';
  status: 'open' | 'acknowledged' | 'settled';
  subject: string;
  remediation: string;
  finding: string;
  control: string;
  resource: Resource | null;
  raised: string;
  told: string[];
  next: string | null;
  acknowledged: { by: string; at: string; comment: string } | null;
  ladder: { tell: string; wait_s: number; told: boolean }[];
}

export type RoleName = 'viewer' | 'operator' | 'approver' | 'admin';

export interface Session {
  principal: string;
  arn: string;
  roles: RoleName[];
  may: RoleName[]; // all that these allow
}

export interface Policy {
  hash: string;
  scan_every_s: number;
  public_url: string;
  issuer: string | null; // that people sign in through
  targets: {
    account: string;
    regions: string[];
    role: string;
    units: string[];
    tags: { [name: string]: string };
  }[];
  decide: { name: string; decision: string; ladder: string }[];
  sources: {
    name: string;
    bus: string;
    account: string;
    region: string;
    kind: 'queue' | 'bucket';
    from: string;
  }[];
  principals: { name: string; arn: string; roles: string[]; token: boolean; tell: string }[];
}

export interface Channel {
  name: string;
  kind: string;
  format: string;
  to: string;
  on: string[];
  digest_s: number;
  dead: number;
  dead_error: string;
}

// Entries of the ledger and the way from each to the root of a signed checkpoint.
export interface ProofBundle {
  format: string;
  key: string;
  checkpoint: string;
  entries: { index: number; leaf: string; proof: string[] }[];
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
