// A plan's difference, arranged for reading: by resource, field by field; structured values line by line. Pure.

import type { Change, Json, Plan } from './shapes';

export interface Field {
  path: string[]; // within the resource: aspect, then members
  kind: 'added' | 'removed' | 'changed';
  before: string | undefined; // one line each, when both are plain
  after: string | undefined;
  lines: Line[] | undefined; // otherwise
}

export interface Touched {
  type: string;
  id: string;
  fate: 'kept' | 'new' | 'gone'; // whether the resource itself comes or goes
  fields: Field[];
}

export interface Line {
  sign: ' ' | '+' | '-' | '…';
  text: string;
}

const lines_max = 800; // of one value; the longest common subsequence is quadratic
const context_lines = 3;
const plain_chars_max = 60;
const flat_chars_max = 88; // of an object or a list on one line

// RFC 6901
export const pointerTokens = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));

export function arrange(changes: Change[]): Touched[] {
  const touched = new Map<string, Touched>();
  for (const change of changes) {
    const [type = '', id = '', ...path] = pointerTokens(change.pointer);
    const key = `${type}/${id}`;
    const one = touched.get(key) ?? {
      type,
      id,
      fate: path.length > 0 ? 'kept' : fateOf(change),
      fields: [],
    };
    touched.set(key, one);
    one.fields.push(...fieldsOf(path, change));
  }
  return [...touched.values()];
}

const fateOf = ({ before, after }: Change): Touched['fate'] =>
  after === undefined || after === null
    ? 'gone'
    : before === undefined || before === null
      ? 'new'
      : 'kept';

// A resource or an aspect that came or went as a whole is told member by member, too.
function fieldsOf(path: string[], change: Change): Field[] {
  const whole = change.after ?? change.before;
  const one_sided = (change.after ?? null) === null || (change.before ?? null) === null;
  if (one_sided && isObject(whole)) {
    const side = whole === change.after ? 'after' : 'before';
    const members = Object.entries(whole);
    if (members.length > 0)
      return members.flatMap(([name, value]) =>
        fieldsOf([...path, name], { pointer: '', [side]: value }),
      );
  }
  return [fieldOf(path, change)];
}

function fieldOf(path: string[], { before, after }: Change): Field {
  const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  const old_text = before === undefined ? undefined : show(before);
  const new_text = after === undefined ? undefined : show(after);
  const plain = [old_text, new_text].every((text) => text === undefined || isPlain(text));
  return {
    path,
    kind,
    before: plain ? old_text : undefined,
    after: plain ? new_text : undefined,
    lines: plain ? undefined : unified(split(old_text), split(new_text)),
  };
}

const isObject = (value: Json | undefined): value is { [member: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isPlain = (text: string): boolean => !text.includes('\n') && text.length <= plain_chars_max;
const split = (text: string | undefined): string[] => (text === undefined ? [] : text.split('\n'));

// Texts that hold JSON, as policies do, are shown as what they hold.
export function show(value: Json): string {
  if (typeof value === 'string') {
    const held = heldJson(value);
    return held === undefined ? value : pretty(held);
  }
  return pretty(value);
}

function heldJson(text: string): Json | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

// JSON, with one line for each short value that holds no other. The layout of a value depends on
// nothing around it, so that lines of two versions can be compared.
export function pretty(value: Json, indent = ''): string {
  const flat = JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ');
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return flat;
  const holds_others = Object.values(value).some(
    (one) => typeof one === 'object' && one !== null && Object.keys(one).length > 0,
  );
  if (indent !== '' && !holds_others && flat.length <= flat_chars_max) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value))
    return `[\n${value.map((item) => inner + pretty(item, inner)).join(',\n')}\n${indent}]`;
  const members = Object.entries(value).map(
    ([name, item]) => `${inner}${JSON.stringify(name)}: ${pretty(item, inner)}`,
  );
  return `{\n${members.join(',\n')}\n${indent}}`;
}

// The lines of both, in order, with a little of what stays around what changes.
export function unified(before: string[], after: string[]): Line[] {
  if (before.length > lines_max || after.length > lines_max)
    return [...signed('-', before), ...signed('+', after)];
  return fold(align(before, after));
}

const signed = (sign: Line['sign'], texts: string[]): Line[] =>
  texts.map((text) => ({ sign, text }));

// A comma more or less, because a neighbour came or went, is no difference.
const same = (a: string | undefined, b: string | undefined): boolean => bare(a) === bare(b);
const bare = (text: string | undefined): string | undefined => text?.replace(/,$/, '');

// By the longest common subsequence; removals come before additions.
function align(before: string[], after: string[]): Line[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; --i)
    for (let j = after.length - 1; j >= 0; --j)
      common[i * width + j] = same(before[i], after[j])
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));

  const out: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && same(before[i], after[j])) {
      out.push({ sign: ' ', text: after[j++]! });
      ++i;
    } else if (i < before.length && (j === after.length || at(i + 1, j) >= at(i, j + 1))) {
      out.push({ sign: '-', text: before[i++]! });
    } else {
      out.push({ sign: '+', text: after[j++]! });
    }
  }
  return out;
}

function fold(lines: Line[]): Line[] {
  const near = new Set<number>();
  lines.forEach((line, i) => {
    if (line.sign === ' ') return;
    for (let k = i - context_lines; k <= i + context_lines; ++k) near.add(k);
  });
  const out: Line[] = [];
  let hidden = 0;
  const tell = () => {
    if (hidden > 0)
      out.push({ sign: '…', text: `${hidden} unchanged ${hidden === 1 ? 'line' : 'lines'}` });
    hidden = 0;
  };
  lines.forEach((line, i) => {
    if (!near.has(i)) {
      ++hidden;
      return;
    }
    tell();
    out.push(line);
  });
  tell();
  return out;
}

// The same lines as two columns: what goes beside what comes in its place, what stays on both sides.
export interface Pair {
  before: string | undefined;
  after: string | undefined;
  kind: 'same' | 'changed' | 'folded';
}

export function sideBySide(lines: Line[]): Pair[] {
  const out: Pair[] = [];
  let gone: string[] = [];
  let come: string[] = [];
  const flush = () => {
    for (let i = 0; i < Math.max(gone.length, come.length); ++i)
      out.push({ before: gone[i], after: come[i], kind: 'changed' });
    gone = [];
    come = [];
  };
  for (const { sign, text } of lines) {
    if (sign === '-' && come.length > 0) flush();
    if (sign === '-') gone.push(text);
    else if (sign === '+') come.push(text);
    else {
      flush();
      out.push({ before: text, after: text, kind: sign === '…' ? 'folded' : 'same' });
    }
  }
  flush();
  return out;
}

// How far a plan reaches.
export interface BlastRadius {
  resources: string[];
  accounts: string[];
  regions: string[];
  writes: number;
  fields: number;
}

export function blastRadius(plan: Plan): BlastRadius {
  const touched = arrange(plan.difference);
  const named = (member: 'account' | 'region'): string[] => {
    const names = [plan.resource[member], ...plan.writes.map((write) => write[member] ?? '')];
    return [...new Set(names.filter((name) => name !== ''))];
  };
  const resources = touched.map((one) => `${one.type} ${one.id}`.trim());
  return {
    resources: resources.length > 0 ? resources : [`${plan.resource.type} ${plan.resource.id}`],
    accounts: named('account'),
    regions: named('region'),
    writes: plan.writes.length,
    fields: touched.reduce((sum, one) => sum + one.fields.length, 0),
  };
}
