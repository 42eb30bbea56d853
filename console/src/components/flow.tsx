// A runbook as a graph: its steps as buttons with their states, the ways between them as lines, those that were gone
// in colour. Lines lie in two layers, one measured from the left and one from the right, so that boxes may be as wide
// as there is room.

import {
  first_lane,
  head_height,
  indent,
  inset,
  lane_width,
  layout,
  runKey,
  runsOf,
  taken,
  type Arc,
  type Layout,
  type Row,
} from '../flow';
import type { FlowStep, StepExecution } from '../shapes';
import { duration } from '../when';
import { plural, statusText, statusTone } from '../words';

const corner = 7;
const tip = 6;
const straight_x = 20; // from the box's left edge

const nameOf = (rows: Row[], at: number): string => {
  const row = rows[at];
  if (!row) return '';
  return runKey(row.end < 0 ? undefined : rows[row.end]!.step.name, row.step.name);
};

export function Flow({
  of,
  ran,
  ended,
  chosen,
  choose,
}: {
  of: FlowStep[];
  ran: StepExecution[];
  ended: boolean; // well
  chosen: string;
  choose: (name: string) => void;
}) {
  const drawn = layout(of);
  const runs = runsOf(ran);
  const gone = taken(ran, ended);
  const left = drawn.left > 0 ? drawn.left * lane_width + first_lane : 0;
  const right = drawn.right > 0 ? drawn.right * lane_width + first_lane : 0;
  const isGone = (from: number, to: number): boolean =>
    gone.has(`${nameOf(drawn.rows, from)}→${nameOf(drawn.rows, to)}`);
  return (
    <div class="flow" style={{ height: `${drawn.end_y + 14}px` }}>
      {drawn.frames.map((frame, i) => (
        <div
          key={i}
          class="flow-loop"
          style={{
            top: `${frame.top}px`,
            height: `${frame.height}px`,
            left: `${left + frame.depth * indent + 4}px`,
            right: `${right}px`,
          }}
        />
      ))}
      <svg class="flow-lines" aria-hidden="true">
        {drawn.straights.map((one, i) => {
          const x = left + one.depth * indent + straight_x;
          const end = one.to_y - tip;
          return (
            <g key={i} class={isGone(one.from, one.to) ? 'gone' : ''}>
              <path class="way" d={`M${x} ${one.from_y}V${end}`} />
              <path class="tip" d={`M${x} ${one.to_y}l-4 -${tip}h8z`} />
            </g>
          );
        })}
        {drawn.arcs
          .filter((arc) => arc.bad)
          .map((arc, i) => {
            const at = (row: number) => left + (drawn.rows[row]?.depth ?? 0) * indent;
            const to_x = arc.to < drawn.rows.length ? at(arc.to) : left + straight_x - 6;
            return (
              <Bend
                key={i}
                of={arc}
                from_x={at(arc.from)}
                to_x={to_x}
                lane_x={left - first_lane - (arc.lane - 1) * lane_width}
                gone={isGone(arc.from, arc.to)}
              />
            );
          })}
        <circle class="end" cx={left + straight_x} cy={drawn.end_y} r="5" />
      </svg>
      <svg class="flow-lines flow-right" width={Math.max(right, 1)} aria-hidden="true">
        {drawn.arcs
          .filter((arc) => !arc.bad && arc.to < drawn.rows.length)
          .map((arc, i) => (
            <Bend
              key={i}
              of={arc}
              from_x={-inset * (drawn.rows[arc.from]?.depth ?? 0)}
              to_x={-inset * (drawn.rows[arc.to]?.depth ?? 0)}
              lane_x={first_lane + (arc.lane - 1) * lane_width}
              gone={isGone(arc.from, arc.to)}
            />
          ))}
      </svg>
      <Endings
        of={drawn}
        left={left}
        right={right}
        gone={drawn.arcs.some(
          (arc) => !arc.bad && arc.to >= drawn.rows.length && isGone(arc.from, arc.to),
        )}
      />
      <ol>
        {drawn.rows.map((row, i) => (
          <Box
            key={i}
            of={row}
            left={left + row.depth * indent}
            right={right + row.depth * inset}
            name={nameOf(drawn.rows, i)}
            runs={runs.get(nameOf(drawn.rows, i)) ?? []}
            chosen={chosen}
            choose={choose}
          />
        ))}
      </ol>
    </div>
  );
}

// Arcs to the end cross from the right lane to the dot at the left, below all boxes.
function Endings({
  of,
  left,
  right,
  gone,
}: {
  of: Layout;
  left: number;
  right: number;
  gone: boolean;
}) {
  const arcs = of.arcs.filter((arc) => !arc.bad && arc.to >= of.rows.length);
  if (arcs.length === 0) return null;
  const lane = Math.max(...arcs.map((arc) => arc.lane));
  const x = first_lane + (lane - 1) * lane_width;
  return (
    <>
      <svg class="flow-lines flow-right" width={Math.max(right, 1)} aria-hidden="true">
        {arcs.map((arc, i) => (
          <path
            key={i}
            class="way"
            d={`M0 ${arc.from_y}H${x - corner}q${corner} 0 ${corner} ${corner}V${arc.to_y - corner}q0 ${corner} -${corner} ${corner}H0`}
          />
        ))}
      </svg>
      <div
        class={`flow-ending${gone ? ' gone' : ''}`}
        style={{
          top: `${of.end_y - 1}px`,
          left: `${left + straight_x + 12}px`,
          right: `${right}px`,
        }}
      />
      <svg class="flow-lines" aria-hidden="true">
        <path class="tip" d={`M${left + straight_x + 7} ${of.end_y}l${tip} -4v8z`} />
      </svg>
    </>
  );
}

function Bend({
  of,
  from_x,
  to_x,
  lane_x,
  gone,
}: {
  of: Arc;
  from_x: number;
  to_x: number;
  lane_x: number;
  gone: boolean;
}) {
  const out = lane_x < from_x ? -1 : 1; // to which side it leaves
  const down = of.to_y >= of.from_y ? 1 : -1;
  const turn = Math.min(corner, Math.abs(of.to_y - of.from_y) / 2);
  const end_x = to_x + out * tip;
  return (
    <g class={`${of.bad ? 'bad' : ''}${gone ? ' gone' : ''}`}>
      <path
        class="way"
        d={
          `M${from_x} ${of.from_y}H${lane_x - out * turn}` +
          `q${out * turn} 0 ${out * turn} ${down * turn}V${of.to_y - down * turn}` +
          `q0 ${down * turn} ${-out * turn} ${down * turn}H${end_x}`
        }
      />
      <path class="tip" d={`M${to_x} ${of.to_y}l${out * tip} -4v8z`} />
    </g>
  );
}

function Box({
  of,
  left,
  right,
  name,
  runs,
  chosen,
  choose,
}: {
  of: Row;
  left: number;
  right: number;
  name: string;
  runs: StepExecution[];
  chosen: string;
  choose: (name: string) => void;
}) {
  const { step } = of;
  const last = runs.findLast((one) => one.ExecutionStartTime);
  const status = last?.StepStatus ?? 'Pending';
  const place = {
    top: `${of.top}px`,
    height: `${of.height}px`,
    left: `${left}px`,
    right: `${right}px`,
  };
  return (
    <li style={place}>
      <button
        type="button"
        class={`flow-step tone-${statusTone(status)}${last ? '' : ' ahead'}`}
        aria-pressed={chosen === name}
        onClick={() => choose(name)}>
        <span class="flow-head" style={{ height: `${head_height - 2}px` }}>
          <span class="flow-text">
            <b>{step.name}</b>
            <span class="flow-what">{[step.action, step.subject].filter(Boolean).join(' · ')}</span>
          </span>
          <span class="flow-state">
            {last && <span class="stage">{statusText(status)}</span>}
            {last && <span class="flow-took">{tookText(runs)}</span>}
          </span>
        </span>
        {of.choices.map((way, i) => (
          <span key={i} class="flow-choice">
            {way.kind === 'otherwise' ? 'otherwise' : `if ${way.why}`}
          </span>
        ))}
      </button>
    </li>
  );
}

// How long it took, or how often it ran.
function tookText(runs: StepExecution[]): string {
  const begun = runs.filter((one) => one.ExecutionStartTime);
  if (begun.length > 1) return plural(begun.length, 'round');
  const { ExecutionStartTime: from, ExecutionEndTime: to } = begun[0]!;
  return from && to ? duration(Date.parse(to) - Date.parse(from)) : '';
}
