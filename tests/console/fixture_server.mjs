// A stand-in for `aright serve`, for the console's tests only. It answers the routes of
// docs/reference/api.md in their exact shapes from testdata/account.json, whose times it moves to
// now. What people do changes the fixtures just enough to be seen: it plans, calls and verifies
// nothing.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { prove } from './fixture_proofs.mjs';

export const fixtureToken = 'fixture-token';
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const resolvedAfter_ms = 400;

// The account, and beside it what was made of it elsewhere: figures, executions step by step, the policy.
function accountAsOfNow(file) {
  const account = readFileSync(file, 'utf8');
  const shift = Date.now() - Date.parse(JSON.parse(account).now);
  const asOfNow = (text) =>
    JSON.parse(
      text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, (time) =>
        new Date(Date.parse(time) + shift).toISOString(),
      ),
    );
  const figures = asOfNow(readFileSync(join(dirname(file), 'figures.json'), 'utf8'));
  return { ...asOfNow(account), figures };
}

class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

export class FixtureServer {
  constructor(consoleFolder, file) {
    this.folder = consoleFolder;
    this.account = accountAsOfNow(file);
    for (const { finding, exception } of this.account.figures.exceptions)
      if (finding) this.find(this.account.findings, finding).exception = exception;
    this.halted = false;
    this.halts = [];
    this.issuer = null; // that people sign in through
    this.posts = []; // what the console asked for: {path, body}
    this.followers = new Set();
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  async start() {
    await new Promise((ready) => this.server.listen(0, '127.0.0.1', ready));
    this.url = `http://127.0.0.1:${this.server.address().port}/`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  async serve(request, response) {
    const url = new URL(request.url, 'http://127.0.0.1');
    try {
      if (url.pathname.startsWith('/oidc')) return this.signOn(url, response);
      if (!url.pathname.startsWith('/api/v1/')) return this.file(url.pathname, response);
      if (request.headers.authorization !== `Bearer ${fixtureToken}`)
        throw new Refusal(401, 'denied', 'a valid token is needed');
      const path = url.pathname.slice('/api/v1'.length);
      if (path === '/events') return this.follow(response);
      let text = '';
      for await (const chunk of request) text += chunk;
      const answer =
        request.method === 'POST'
          ? this.post(path, text ? JSON.parse(text) : {})
          : this.get(path, url.searchParams);
      this.json(response, 200, answer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.json(response, error.status, {
        error: { code: error.code, number: 'AR-0000', message: error.message },
      });
    }
  }

  json(response, status, value) {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(value));
  }

  file(path, response) {
    const name = path === '/' ? 'index.html' : path.slice(1);
    if (!['index.html', 'app.js', 'app.css', 'icon.svg'].includes(name))
      return response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': types[extname(name)],
      'content-security-policy': policy,
    });
    return response.end(readFileSync(join(this.folder, name)));
  }

  // As if the issuer had known at once who it is.
  signOn(url, response) {
    if (url.pathname === '/oidc') return this.json(response, 200, { issuer: this.issuer });
    if (url.pathname === '/oidc/end') return this.json(response, 200, { ended: true });
    const page = url.searchParams.get('page');
    const fragment = new URLSearchParams({ page, token: fixtureToken });
    return response.writeHead(302, { location: `/#${fragment}` }).end();
  }

  follow(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': following\n\n');
    this.followers.add(response);
    response.on('close', () => this.followers.delete(response));
  }

  // Reading

  get(path, query) {
    const { findings, remediations, approvals, controls, entries } = this.account;
    const [, list, id, part] = path.split('/');
    if (path === '/overview') return this.overview();
    if (path === '/approvals') return { approvals };
    if (path === '/controls') return { controls };
    if (path === '/brakes') return this.brakes();
    const { figures } = this.account;
    if (path === '/executions')
      return { executions: [...figures.alone, ...remediations.flatMap((one) => one.executions)] };
    if (path === '/report') return figures.report;
    if (path === '/report/page') return { html: '<html lang="en"><title>Report</title></html>' };
    if (['/autonomy', '/channels', '/policy', '/session'].includes(path))
      return figures[path.slice(1)];
    if (path === '/exceptions') return { exceptions: figures.exceptions };
    if (path === '/escalations') return { escalations: figures.escalations };
    if (path === '/ledger/proofs') return this.proofs(query.get('of'));
    if (path === '/ledger')
      return this.ledgerPage(Number(query.get('from') ?? 1), Number(query.get('limit') ?? 100));
    if (path === '/ledger/verify')
      return { ok: true, entries: entries.length, head: entries.at(-1).hash };
    if (path === '/findings')
      return {
        findings: findings.filter(
          (one) => !query.get('status') || one.status === query.get('status'),
        ),
      };
    if (path === '/remediations') return { remediations: remediations.map(summary) };
    if (list === 'findings' && part === 'why') return { trace: this.why(this.find(findings, id)) };
    if (list === 'findings') {
      const finding = this.find(findings, id);
      return {
        ...finding,
        remediations: remediations.filter((one) => one.finding === id).map(summary),
      };
    }
    if (list === 'remediations') return this.find(remediations, id);
    if (list === 'controls')
      return {
        ...this.find(controls, id),
        decided: [{ decision: 'approval', reason: "rule 'ask' says approval", accounts: ['111122223333'] }],
        may_break: '',
        tests: ['a bucket that lets nobody in'],
      };
    if (list === 'executions' && !figures.executions[id])
      throw new Refusal(404, 'not_found', `there is no ${id}`);
    if (list === 'executions' && part === 'flow') {
      const document = figures.executions[id].DocumentName;
      return { document, steps: figures.flows[document], svg: '<svg/>' };
    }
    if (list === 'executions') return figures.executions[id];
    throw new Refusal(404, 'not_found', `no such route: ${path}`);
  }

  proofs(of) {
    const { entries, remediations } = this.account;
    const executions = this.find(remediations, of).executions.map((one) => one.id);
    return prove(entries, ({ stream }) => stream === of || executions.includes(stream));
  }

  find(list, id) {
    const found = list.find((one) => one.id === id);
    if (!found) throw new Refusal(404, 'not_found', `there is no ${id}`);
    return found;
  }

  overview() {
    const { version, target, account, findings, remediations, approvals, entries } = this.account;
    const open = findings.filter((one) => one.status === 'open');
    const count = (list, key) =>
      list.reduce((sums, one) => ({ ...sums, [key(one)]: (sums[key(one)] ?? 0) + 1 }), {});
    const of_control = (id) => findings.filter((one) => one.control === id);
    return {
      version,
      halted: this.halted,
      now: new Date().toISOString(),
      target,
      account,
      ledger_entries: entries.length,
      findings: {
        open: open.length,
        resolved: findings.length - open.length,
        by_severity: count(open, (one) => one.severity),
        by_control: [...new Set(findings.map((one) => one.control))]
          .sort()
          .map((id) => ({
            control: id,
            title: of_control(id)[0].title,
            severity: of_control(id)[0].severity,
            open: of_control(id).filter((one) => one.status === 'open').length,
            resolved: of_control(id).filter((one) => one.status === 'resolved').length,
          })),
      },
      remediations: { by_stage: count(remediations, (one) => one.stage) },
      waiting: approvals,
      median_time_to_fix_s: 0.096,
      recent: entries
        .filter((one) => !/^(call|runbook_event|signal_handled)/.test(one.kind))
        .slice(-12)
        .reverse()
        .map(line),
    };
  }

  why(finding) {
    const streams = [
      finding.id,
      ...this.account.remediations.filter((one) => one.finding === finding.id).map((one) => one.id),
    ];
    return this.account.entries
      .filter((one) => streams.includes(one.stream))
      .map((one) => ({ ...line(one), reasons: one.body.reasons ?? [] }));
  }

  ledgerPage(from, limit) {
    const { entries } = this.account;
    const first = from < 0 ? Math.max(1, entries.length + from + 1) : from;
    return { entries: entries.slice(first - 1, first - 1 + limit), size: entries.length };
  }

  // Acting

  brakes() {
    const { remediations } = this.account;
    return {
      halted: this.halted,
      halts: this.halts,
      freezes: [
        { name: 'year end', on: true, until: '2027-01-04T00:00:00Z' },
        { name: 'trading hours', on: false, until: null },
      ],
      limits: [
        { of: 'control', value: '*', starts: 5, window_s: 60 },
        { of: 'type', value: 'AWS::EC2::*', starts: 20, window_s: 3600 },
        { of: 'control', value: '*', percent: 5, window_s: 86400 },
      ],
      breaker: { failures: 3, pause_s: 3600 },
      fights: { rounds: 3, window_s: 86400 },
      breakers: [
        {
          control: 'restricted-ssh',
          state: 'open',
          failed_at: '2026-12-20T10:02:10Z',
          until: '2026-12-20T11:02:10Z',
        },
      ],
      held: remediations.slice(0, 2).map((one) => ({
        remediation: one.id,
        control: one.control,
        resource: one.resource,
        until: '2027-01-04T00:00:00Z',
        reason: "the freeze 'year end' is on",
      })),
      in_flight: this.account.figures.alone,
    };
  }

  halt({ on, reason, scope = {} }) {
    const what = Object.entries(scope).flat().join(' ') || 'everything';
    this.halts = this.halts.filter((one) => one.what !== what);
    if (on) this.halts.push({ what, scope, by: 'ana', at: new Date().toISOString(), reason });
    this.halted = this.halts.some((one) => one.what === 'everything');
    const word = on ? 'halted' : 'resumed';
    this.append('engine', word, `${word}: ${reason}`);
    return { halted: this.halted, halts: this.halts, in_flight: [] };
  }

  post(path, body) {
    this.posts.push({ path, body });
    const [, list, id, what] = path.split('/');
    if (path === '/scan') return { evaluated: 41, non_compliant: 7, findings_opened: 0 };
    if (path === '/signals') return this.receive(body);
    if (path === '/halt') return this.halt(body);
    if (list === 'executions' && what === 'cancel') return this.cancelRun(id, body.reason);
    if (list === 'executions') return this.signalStep(id, body);
    if (list === 'findings' && what === 'plan')
      return this.account.remediations.find((one) => one.plan).plan;
    if (list === 'findings' && what === 'fix' && !body.plan_hash)
      throw new Refusal(400, 'invalid', 'a fix carries out a plan that somebody saw');
    if (list === 'findings' && what === 'fix')
      return { remediation: this.account.remediations[0].id };
    if (list === 'findings' && what === 'exception')
      return this.except(this.find(this.account.findings, id), path.endsWith('/end') ? null : body);
    if (list === 'escalations') return this.acknowledge(id, body);
    if (path === '/channels/test') return { channel: body.channel, sent: true };
    if (list !== 'remediations') throw new Refusal(404, 'not_found', `no such route: ${path}`);
    const remediation = this.find(this.account.remediations, id);
    if (what === 'rollback') return this.rollBack(remediation, body.reason);
    if (body.plan_hash !== remediation.plan.hash)
      throw new Refusal(409, 'conflict', 'the plan is another one by now');
    return what === 'approve'
      ? this.approve(remediation, body.comment)
      : this.reject(remediation, body.comment);
  }

  except(finding, said) {
    const { figures } = this.account;
    figures.exceptions = figures.exceptions.filter((one) => one.finding !== finding.id);
    finding.exception = said && { until: null, ...said, by: 'ana' };
    const { id, control, resource, exception } = finding;
    if (said) figures.exceptions.push({ finding: id, control, resource, exception, void: false });
    this.append(id, said ? 'exception_set' : 'exception_ended', said?.message ?? 'ended');
    return finding;
  }

  acknowledge(id, { comment }) {
    const one = this.find(this.account.figures.escalations, id);
    const acknowledged = { by: 'ana', at: new Date().toISOString(), comment };
    Object.assign(one, { status: 'acknowledged', acknowledged, next: null });
    this.append(id, 'escalation_acknowledged', `ana sees to it: ${comment}`);
    return one;
  }

  receive(event) {
    const text = `signal from ${event.source}: ${event['detail-type']}`;
    const signal = `sig_${event.id}`;
    this.append(signal, 'signal_received', text);
    return { signal };
  }

  approve(remediation, comment) {
    this.decided(remediation, 'ready');
    remediation.approvals.push({ principal: 'ana', comment, at: new Date().toISOString() });
    this.append(remediation.id, 'approved', `approved by ana${comment ? `: ${comment}` : ''}`);
    setTimeout(() => {
      Object.assign(remediation, { stage: 'resolved', can: ['rollback'] });
      this.append(remediation.id, 'resolved', 'resolved');
    }, resolvedAfter_ms);
    return remediation;
  }

  reject(remediation, comment) {
    this.decided(remediation, 'closed');
    this.append(remediation.id, 'rejected', `rejected by ana: ${comment}`);
    return remediation;
  }

  decided(remediation, stage) {
    Object.assign(remediation, { stage, can: [] });
    this.account.approvals = this.account.approvals.filter(
      (one) => one.remediation !== remediation.id,
    );
  }

  rollBack(remediation, reason) {
    Object.assign(remediation, { stage: 'rolling_back', can: [] });
    this.append(remediation.id, 'rollback_requested', `rollback asked for by ana: ${reason}`);
    return remediation;
  }

  signalStep(id, { type, step, comment }) {
    const remediation = this.account.remediations.find((one) =>
      one.executions.some((run) => run.id === id),
    );
    const asked = this.account.figures.executions[id].StepExecutions.find(
      (one) => one.StepName === step,
    );
    Object.assign(asked, { StepStatus: 'Success', ExecutionEndTime: new Date().toISOString() });
    this.account.approvals = this.account.approvals.filter((one) => one.execution !== id);
    this.append(remediation.id, 'runbook_event', `${type} of ${step}: ${comment}`);
    return { AutomationExecutionId: id, AutomationExecutionStatus: 'InProgress' };
  }

  cancelRun(id, reason) {
    const run = this.account.figures.executions[id];
    if (run.ExecutionEndTime) throw new Refusal(409, 'conflict', 'the execution has ended');
    const ended = new Date().toISOString();
    for (const step of run.StepExecutions)
      if (['Waiting', 'InProgress'].includes(step.StepStatus))
        Object.assign(step, { StepStatus: 'Cancelled', ExecutionEndTime: ended });
    Object.assign(run, {
      AutomationExecutionStatus: 'Cancelled',
      ExecutionEndTime: ended,
      FailureMessage: `cancelled by ana: ${reason}`,
    });
    this.account.approvals = this.account.approvals.filter((one) => one.execution !== id);
    this.append(id, 'runbook_event', `cancelled by ana: ${reason}`);
    return run;
  }

  append(stream, kind, text) {
    const { entries, remediations } = this.account;
    const entry = {
      position: entries.length + 1,
      stream,
      sequence: entries.filter((one) => one.stream === stream).length + 1,
      kind,
      time: new Date().toISOString(),
      text,
      body: {},
      hash: createHash('sha256')
        .update(entries.at(-1).hash + text)
        .digest('hex'),
    };
    entries.push(entry);
    remediations.find((one) => one.id === stream)?.timeline.push(line(entry));
    const { position, time } = entry;
    for (const follower of this.followers)
      follower.write(`event: entry\ndata: ${JSON.stringify({ position, stream, kind, time })}\n\n`);
  }
}

const line = ({ time, kind, text, stream, position }) => ({ time, kind, text, stream, position });
const summary = ({
  id,
  finding,
  control,
  resource,
  stage,
  decision,
  opened_at,
  updated_at,
  action,
  title,
  severity,
  plan_hash,
}) => ({
  id,
  finding,
  control,
  resource,
  stage,
  decision,
  opened_at,
  updated_at,
  action,
  title,
  severity,
  plan_hash,
});
