// The functions that need no browser. Run by node (tests/console/CMakeLists.txt).

import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { arrange, blastRadius, pointerTokens, show, unified } from './difference';
import { EventReader, type ServerEvent } from './sse';
import { parsePlace, to } from './router';
import type { Plan } from './shapes';
import { EngineClock } from './clock';
import { ago, duration } from './when';

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
