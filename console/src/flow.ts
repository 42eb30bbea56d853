// Where the steps of a runbook stand and which way leads where: arithmetic only, components/flow.tsx draws it. Steps
// stand below each other in the document's order, as people read them; ways that leave this order are arcs, to the
// right where the document says so, to the left where a step fails or is cancelled.

import type { FlowStep, FlowWay, StepExecution } from './shapes';

// In pixels.
export const head_height = 46;
export const choice_height = 20;
export const row_gap = 24;
export const indent = 16;
export const inset = 8; // at the right
export const lane_width = 14;
export const first_lane = 14;
const top_margin = 4;
const arc_end_y = 14; // below the head's top

export interface Row {
  step: FlowStep;
  depth: number;
  top: number;
  height: number;
  list: number; // whose steps' names it is found by
  end: number; // the row of its loop; none: the document's end
  choices: FlowWay[]; // that have a line in the box
}

export interface Arc {
  from: number;
  to: number; // one behind the last row: the end
  from_y: number;
  to_y: number;
  lane: number; // from 1, outwards
  bad: boolean; // on the left: a failure or a cancellation
}

export interface Straight {
  from: number;
  to: number;
  depth: number;
  from_y: number;
  to_y: number;
}

export interface Frame {
  top: number;
  height: number;
  depth: number;
}

export interface Layout {
  rows: Row[];
  arcs: Arc[];
  straights: Straight[];
  frames: Frame[]; // of loops
  end_y: number;
  left: number; // lanes on each side
  right: number;
}

const none = -1;
const isBad = (way: FlowWay): boolean => way.kind === 'failure' || way.kind === 'cancel';

export function layout(steps: FlowStep[]): Layout {
  const rows: Row[] = [];
  const frames: Frame[] = [];
  const byName = new Map<string, number>();
  let lists = 0;
  let next_top = top_margin;

  const place = (list_steps: FlowStep[], depth: number, loop: number): void => {
    const list = lists++;
    for (const step of list_steps) {
      const at = rows.length;
      const choices = step.action === 'aws:branch' ? step.ways.filter((way) => !isBad(way)) : [];
      const height = head_height + choices.length * choice_height + (choices.length > 0 ? 6 : 0);
      rows.push({ step, depth, top: next_top, height, list, end: loop, choices });
      byName.set(`${list}/${step.name}`, at);
      next_top += height + row_gap;
      if (step.steps.length === 0) continue;
      const top = next_top - row_gap / 2;
      place(step.steps, depth + 1, at);
      frames.push({ top, height: next_top - row_gap / 2 - top, depth });
    }
  };
  place(steps, 0, none);
  const end_y = next_top + 4;

  const target = (row: Row, way: FlowWay): number => {
    if (way.to === '') return row.end === none ? rows.length : row.end;
    return byName.get(`${row.list}/${way.to}`) ?? rows.length;
  };
  const arcs: Arc[] = [];
  const straights: Straight[] = [];
  rows.forEach((row, from) => {
    row.step.ways.forEach((way) => {
      const to = target(row, way);
      const bad = isBad(way);
      const choice = row.choices.indexOf(way);
      // An inner list's end is its loop's next round, which the frame shows.
      if (way.to === '' && row.end !== none && !bad) return;
      if (!bad && choice < 0 && row.step.steps.length === 0 && to === from + 1) {
        straights.push({
          from,
          to,
          depth: row.depth,
          from_y: row.top + row.height,
          to_y: rows[to]?.top ?? end_y - 6,
        });
        return;
      }
      const from_y =
        choice < 0
          ? row.top + head_height / 2
          : row.top + head_height + choice * choice_height + choice_height / 2 - 2;
      const to_y = to < rows.length ? rows[to]!.top + arc_end_y : end_y;
      arcs.push({ from, to, from_y, to_y, lane: 0, bad });
    });
  });
  return {
    rows,
    arcs,
    straights,
    frames,
    end_y,
    left: spread(arcs.filter((arc) => arc.bad)),
    right: spread(arcs.filter((arc) => !arc.bad)),
  };
}

// Gives each arc of a side the nearest lane in which nothing is in its way; short ones first. Arcs to one step share.
function spread(side: Arc[]): number {
  const span = (arc: Arc) => [Math.min(arc.from_y, arc.to_y), Math.max(arc.from_y, arc.to_y)];
  const placed: Arc[] = [];
  for (const arc of [...side].sort(
    (a, b) => Math.abs(a.to_y - a.from_y) - Math.abs(b.to_y - b.from_y),
  )) {
    const [low, high] = span(arc) as [number, number];
    const inTheWay = (other: Arc): boolean => {
      const [other_low, other_high] = span(other) as [number, number];
      return other.to !== arc.to && low <= other_high && other_low <= high;
    };
    for (arc.lane = 1; placed.some((one) => one.lane === arc.lane && inTheWay(one));) ++arc.lane;
    placed.push(arc);
  }
  return Math.max(0, ...side.map((arc) => arc.lane));
}

// What was run of each step: every time it was, the last one last.
export function runsOf(steps: StepExecution[]): Map<string, StepExecution[]> {
  const runs = new Map<string, StepExecution[]>();
  for (const step of steps) {
    const key = runKey(step.ParentStepDetails?.StepName, step.StepName);
    runs.set(key, [...(runs.get(key) ?? []), step]);
  }
  return runs;
}

export const runKey = (loop: string | undefined, name: string): string =>
  loop ? `${loop}/${name}` : name;

// The ways that were gone: "from→to", of steps beside each other in time and in the same list.
// With `ended`, the last one led to the end.
export function taken(steps: StepExecution[], ended: boolean): Set<string> {
  const gone = new Set<string>();
  const last = new Map<string, string>();
  for (const step of steps) {
    if (!step.ExecutionStartTime) continue;
    const parent = step.ParentStepDetails;
    const list = parent ? `${parent.StepName}#${parent.Iteration}` : '';
    const before = last.get(list);
    const name = runKey(parent?.StepName, step.StepName);
    if (before !== undefined) gone.add(`${before}→${name}`);
    last.set(list, name);
  }
  if (ended && last.has('')) gone.add(`${last.get('')}→`);
  return gone;
}
