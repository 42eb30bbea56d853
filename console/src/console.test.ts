// The functions that need no browser. Run by node (tests/console/CMakeLists.txt).

import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { arrange, blastRadius, pointerTokens, show, sideBySide, unified } from './difference';
import { filterOf, groupsOf, queryOf, shownOf } from './finding_filter';
import { layout, taken } from './flow';
import { leafHash, rootFrom } from './proof';
import { EventReader, type ServerEvent } from './sse';
import { parsePlace, to } from './router';
import type { Finding, FlowStep, FlowWay, Plan, StepExecution } from './shapes';
import { EngineClock } from './clock';
import { ago, duration, roughly } from './when';

globalThis.crypto ??= webcrypto as Crypto; // as browsers have it; Node 18 has not

test('a pointer is taken apart as RFC 6901 says', () => {
  deepEqual(pointerTokens('/AWS::IAM::Role/a~1b/c~0d'), ['AWS::IAM::Role', 'a/b', 'c~d']);
});

test('changes are grouped by the resource they touch', () => {
  const touched = arrange([
    { pointer: '/AWS::S3::Bucket/acme/Block/BlockPublicAcls', before: false, after: true },
    { pointer: '/AWS::S3::Bucket/acme/Block/IgnorePublicAcls', before: false, after: true },
    { pointer: '/AWS::S3::Bucket/other/Versioning', after: 'Enabled' },
  ]);
  deepEqual(
    touched.map((one) => [one.id, one.fields.length]),
    [
      ['acme', 2],
      ['other', 1],
    ],
  );
  const field = touched[0]!.fields[0]!;
  deepEqual(
    [field.path, field.kind, field.before, field.after],
    [['Block', 'BlockPublicAcls'], 'changed', 'false', 'true'],
  );
  equal(touched[1]!.fields[0]!.kind, 'added');
});

test('what came as a whole is told member by member', () => {
  const [one] = arrange([
    { pointer: '/AWS::S3::Bucket/acme/Block', before: null, after: { A: true, B: { C: 1 } } },
  ]);
  deepEqual(
    one!.fields.map((field) => [field.path.join('.'), field.kind, field.after]),
    [
      ['Block.A', 'added', 'true'],
      ['Block.B.C', 'added', '1'],
    ],
  );
});

test('what went as a whole is told member by member', () => {
  const [one] = arrange([{ pointer: '/t/id/Block', before: { A: true } }]);
  deepEqual(
    one!.fields.map((field) => [field.path.join('.'), field.kind, field.before]),
    [['Block.A', 'removed', 'true']],
  );
});

test('a text that holds JSON is shown as what it holds', () => {
  equal(show('{"Version":"2012-10-17"}'), '{\n  "Version": "2012-10-17"\n}');
  equal(show('{}'), '{}');
  equal(show('{not json'), '{not json');
  equal(show('required'), 'required');
});

test('a long list is compared line by line, with a little around it', () => {
  const [one] = arrange([
    {
      pointer: '/t/id/Ingress',
      before: [
        { Port: 22, Ranges: [{ Cidr: '0.0.0.0/0' }, { Cidr: '10.0.0.0/8' }] },
        { Port: 3389, Ranges: [{ Cidr: '0.0.0.0/0' }] },
      ],
      after: [{ Port: 22, Ranges: [{ Cidr: '10.0.0.0/8' }] }],
    },
  ]);
  const lines = one!.fields[0]!.lines!;
  equal(lines.filter((line) => line.sign === '+').length, 0);
  deepEqual(
    lines
      .filter((line) => line.sign === '-' && line.text.includes('"'))
      .map((line) => line.text.trim()),
    ['{ "Cidr": "0.0.0.0/0" },', '"Port": 3389,', '"Ranges": [', '{ "Cidr": "0.0.0.0/0" }'],
  );
});

test('far away lines that stay are folded', () => {
  const many = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  const lines = unified(many, [...many, 'new']);
  deepEqual(lines.map((line) => line.sign).join(''), '…   +');
  equal(lines[0]!.text, '17 unchanged lines');
});

test('nothing changed gives nothing to read', () => {
  deepEqual(unified([], []), []);
});

test('the blast radius names each resource, account and region once', () => {
  const plan = {
    resource: { account: '1', region: 'us-east-1', type: 'AWS::EC2::Instance', id: 'i-1' },
    writes: [{ service: 'ec2', operation: 'X', account: '1', region: 'us-east-1', input: {} }],
    difference: [
      { pointer: '/AWS::EC2::Instance/i-1/A', after: 1 },
      { pointer: '/AWS::EC2::Snapshot/s/B', after: 1 },
    ],
  } as unknown as Plan;
  deepEqual(blastRadius(plan), {
    resources: ['AWS::EC2::Instance i-1', 'AWS::EC2::Snapshot s'],
    accounts: ['1'],
    regions: ['us-east-1'],
    writes: 1,
    fields: 2,
  });
});

test('events survive being cut anywhere', () => {
  const text =
    ': hello\n\nevent: entry\ndata: {"position": 7}\n\nevent: entry\r\ndata: a\r\ndata: b\r\n\r\n';
  for (let cut = 0; cut <= text.length; ++cut) {
    const seen: ServerEvent[] = [];
    const reader = new EventReader((event) => seen.push(event));
    reader.feed(text.slice(0, cut));
    reader.feed(text.slice(cut));
    deepEqual(
      seen,
      [
        { name: 'entry', data: '{"position": 7}' },
        { name: 'entry', data: 'a\nb' },
      ],
      `cut at ${cut}`,
    );
  }
});

test('a place is written and read alike', () => {
  const place = parsePlace(to(['remediations', 'rem_1/2'], { status: 'open', control: '' }));
  deepEqual(place.path, ['remediations', 'rem_1/2']);
  equal(place.query.get('status'), 'open');
  equal(place.query.has('control'), false);
});

test('durations have two units at most', () => {
  deepEqual([840, 59_000, 250_000, 86_340_000, 180_000_000].map(duration), [
    '840 ms',
    '59 s',
    '4 min 10 s',
    '23 h 59 min',
    '2 d 2 h',
  ]);
});

test('the past is told by its largest unit', () => {
  deepEqual([3000, 45_000, 7_200_000].map(ago), ['just now', '45 s ago', '2 h ago']);
});

test('the engine may live faster than its reader', () => {
  let own = 1_000_000;
  const clock = new EngineClock(() => own);
  equal(clock.now(), own);
  const at = (ms: number) => new Date(ms).toISOString();
  clock.observe(at(5_000_000));
  equal(clock.now(), 5_000_000);
  own += 4_000;
  clock.observe(at(5_240_000));
  own += 1_000;
  equal(clock.now(), 5_300_000);
  clock.observe(undefined);
  equal(clock.now(), 5_300_000);
});

test('an engine that starts again is believed again', () => {
  let own = 0;
  const clock = new EngineClock(() => own);
  clock.observe('2030-01-01T00:00:00Z');
  own += 10_000;
  clock.observe('2026-01-01T00:00:00Z');
  equal(new Date(clock.now()).getUTCFullYear(), 2026);
  own += 3_000;
  clock.observe('2026-01-01T00:00:03Z');
  equal(clock.now(), Date.parse('2026-01-01T00:00:03Z'));
});

const step = (name: string, ways: FlowWay[], steps: FlowStep[] = [], action = 'aws:sleep') => ({
  name,
  action,
  subject: '',
  ways,
  steps,
});
const way = (to: string, kind: FlowWay['kind'] = 'next'): FlowWay => ({ kind, to, why: '' });

test('ways that leave the order of steps are arcs, and those of failures lie on the other side', () => {
  const drawn = layout([
    step('Look', [way('Fix', 'choice'), way('Done', 'otherwise')], [], 'aws:branch'),
    step('Fix', [way('Done'), way('Call', 'failure')]),
    step('Done', [way('')]),
    step('Call', [way('')]),
  ]);
  equal(drawn.rows.length, 4);
  deepEqual(
    drawn.arcs.map(({ from, to, bad }) => [from, to, bad]),
    [
      [0, 1, false],
      [0, 2, false],
      [1, 3, true],
      [2, 4, false],
    ],
  );
  deepEqual(
    drawn.straights.map(({ from, to }) => [from, to]),
    [
      [1, 2],
      [3, 4],
    ],
  );
  ok(drawn.arcs[1]!.lane > drawn.arcs[0]!.lane, 'the longer arc lies outside');
  ok(drawn.rows.every((row, i) => i === 0 || row.top > drawn.rows[i - 1]!.top));
});

test('a loop frames its steps, whose end is its next round', () => {
  const drawn = layout([
    step('Each', [way('Done')], [step('Stop', [way('Start')]), step('Start', [way('')])]),
    step('Done', [way('')]),
  ]);
  deepEqual(
    drawn.rows.map((row) => row.depth),
    [0, 1, 1, 0],
  );
  equal(drawn.frames.length, 1);
  deepEqual(
    drawn.arcs.map(({ from, to }) => [from, to]),
    [[0, 3]],
  );
});

test('the ways that were gone are told by what ran after what, round by round', () => {
  const ran = (name: string, Iteration?: number): StepExecution => ({
    StepName: name,
    Action: '',
    StepStatus: 'Success',
    OnFailure: 'Abort',
    ExecutionStartTime: '2026-01-01T00:00:00Z',
    ...(Iteration && { ParentStepDetails: { StepName: 'Each', Iteration } }),
  });
  const steps = [ran('Each'), ran('Stop', 1), ran('Start', 1), ran('Stop', 2), ran('Done')];
  deepEqual([...taken(steps, true)], ['Each/Stop→Each/Start', 'Each→Done', 'Done→']);
});

// The tree of three entries, by hand.
test('a way leads from its leaf to one root, and no other leaf or way does', async () => {
  const leaves = await Promise.all(['a', 'b', 'c'].map(leafHash));
  const [a, b, c] = leaves as [Uint8Array, Uint8Array, Uint8Array];
  const node = async (left: Uint8Array, right: Uint8Array) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from([1, ...left, ...right])));
  const ab = await node(a, b);
  const root = await node(ab, c);
  deepEqual(await rootFrom(a, 0, 3, [b, c]), root);
  deepEqual(await rootFrom(b, 1, 3, [a, c]), root);
  deepEqual(await rootFrom(c, 2, 3, [ab]), root);
  notDeepEqual(await rootFrom(b, 0, 3, [a, c]), root);
  equal(await rootFrom(a, 0, 3, [b]), undefined);
  equal(await rootFrom(a, 0, 3, [b, c, c]), undefined);
  equal(await rootFrom(a, 3, 3, [b, c]), undefined);
});

test('what goes stands beside what comes in its place', () => {
  deepEqual(sideBySide(unified(['a', 'x', 'b'], ['a', 'y', 'z', 'b'])), [
    { before: 'a', after: 'a', kind: 'same' },
    { before: 'x', after: 'y', kind: 'changed' },
    { before: undefined, after: 'z', kind: 'changed' },
    { before: 'b', after: 'b', kind: 'same' },
  ]);
});

const found = (id: string, part: Partial<Finding>): Finding => ({
  id,
  control: 'c',
  title: 'C',
  severity: 'high',
  status: 'open',
  resource: { account: '1', region: 'r', type: 'AWS::S3::Bucket', id },
  annotation: '',
  source: 'aright',
  first_seen: '2026-01-01T00:00:00Z',
  last_seen: '2026-01-01T00:00:00Z',
  resolved_at: null,
  remediation: null,
  ...part,
});

test('findings are filtered, ordered and grouped by what the address says', () => {
  const exception = { message: 'm', by: 'ana', until: null };
  const all = [
    found('low', { severity: 'low' }),
    found('worst', { severity: 'critical', control: 'd', title: 'D' }),
    found('left', { exception }),
    found('gone', { status: 'resolved' }),
  ];
  const shown = (query: string) => shownOf(all, filterOf(new URLSearchParams(query)));
  const ids = (query: string) => shown(query).map((one) => one.id);
  deepEqual(ids(''), ['worst', 'left', 'low']);
  deepEqual(ids('reverse=yes'), ['low', 'left', 'worst']);
  deepEqual(ids('status=excepted'), ['left']);
  deepEqual(ids('order=resource&status=all'), ['gone', 'left', 'low', 'worst']);
  deepEqual(
    groupsOf(shown(''), 'control').map((one) => [one.name, one.findings.length]),
    [
      ['D', 1],
      ['C', 2],
    ],
  );
  const filter = filterOf(new URLSearchParams('group=type&text=low&order=first_seen'));
  deepEqual(filterOf(parsePlace(to(['findings'], queryOf(filter))).query), filter);
});

test('in tables, durations have one unit', () => {
  deepEqual([840, 59_000, 250_000, 86_340_000, 180_000_000].map(roughly), [
    '840 ms',
    '59 s',
    '4.2 min',
    '24 h',
    '2.1 d',
  ]);
});
