// Figures as drawings: how many findings were open over time, and how long each part of a fix takes. Each drawing has
// its figures in words beside it; the colours say nothing that is not also written.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Figures, Spread, TimeKind, TrendPoint } from '../shapes';
import { duration, roughly } from '../when';
import { plural } from '../words';

const width_first = 480; // until the drawing's own is known
const height = 150;
const below = 22; // for the dates
const left = 30; // for the scale

const day_ms = 24 * 60 * 60_000;

// Even, so that half of it is a count as well.
function niceMax(most: number): number {
  const step = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
  const nice = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20].map((factor) => factor * step);
  return nice.find((one) => one >= most && one % 2 === 0) ?? most;
}

// One unit of the drawing is one pixel, so that its texts are as large as the page's.
function useWidth() {
  const figure = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(width_first);
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.max(figure.current?.clientWidth ?? width_first, 200));
    const watch = new ResizeObserver(measure);
    measure();
    if (figure.current) watch.observe(figure.current);
    return () => watch.disconnect();
  }, []);
  return { figure, width };
}

function dateText(iso: string, step_s: number): string {
  const at = new Date(iso);
  return step_s * 1000 >= day_ms
    ? at.toLocaleDateString(undefined, { day: 'numeric', month: 'short' })
    : at.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
}

// Open findings as an area; opened and resolved as bars up and down from the ground.
export function TrendChart({ of, step_s }: { of: TrendPoint[]; step_s: number }) {
  const [shown, show] = useState<number>();
  const { figure, width } = useWidth();
  if (of.length < 2) return <p class="empty">There is no past to show yet.</p>;
  const most = niceMax(
    Math.max(...of.map((point) => Math.max(point.open, point.opened, point.resolved))),
  );
  const slot = (width - left) / of.length;
  const x = (i: number) => left + slot * (i + 0.5);
  const y = (count: number) => height - (count / most) * (height - 12);
  const line = of.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(i)} ${y(point.open)}`).join('');
  const bar = Math.max(1.5, Math.min(7, slot * 0.3));
  const now = of.at(-1)!;
  const told = of[shown ?? of.length - 1]!;
  const labels = [0, Math.floor(of.length / 2), of.length - 1];
  return (
    <figure class="chart" ref={figure}>
      <figcaption>
        <span class="key key-open">{told.open} open</span>
        <span class="key key-opened">{told.opened} opened</span>
        <span class="key key-resolved">{told.resolved} resolved</span>
        <span class="hint">{shown === undefined ? 'now' : dateText(told.at, step_s)}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height + below}`}
        role="img"
        aria-label={`Open findings over time: ${of[0]!.open} at first, ${now.open} now`}
        onPointerLeave={() => show(undefined)}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const at = ((event.clientX - box.left) / box.width) * width - left;
          show(Math.min(of.length - 1, Math.max(0, Math.floor(at / slot))));
        }}>
        {[0, most / 2, most].map((count) => (
          <g key={count}>
            <path class="grid" d={`M${left} ${y(count)}H${width}`} />
            {Number.isInteger(count) && (
              <text class="scale" x={left - 6} y={y(count) + 4} text-anchor="end">
                {count}
              </text>
            )}
          </g>
        ))}
        <path class="area" d={`${line}L${x(of.length - 1)} ${height}L${x(0)} ${height}Z`} />
        {of.map((point, i) => (
          <g key={i}>
            <rect
              class="bar-opened"
              x={x(i) - bar - 0.5}
              width={bar}
              y={y(point.opened)}
              height={height - y(point.opened)}
            />
            <rect
              class="bar-resolved"
              x={x(i) + 0.5}
              width={bar}
              y={y(point.resolved)}
              height={height - y(point.resolved)}
            />
          </g>
        ))}
        <path class="line" d={line} />
        {shown !== undefined && <path class="cursor" d={`M${x(shown)} 0V${height}`} />}
        {labels.map((i, n) => (
          <text
            key={i}
            class="scale"
            x={n === 0 ? left : n === 2 ? width : x(i)}
            y={height + 17}
            text-anchor={n === 0 ? 'start' : n === 2 ? 'end' : 'middle'}>
            {dateText(of[i]!.at, step_s)}
          </text>
        ))}
      </svg>
    </figure>
  );
}

export const timeKinds: [kind: TimeKind, label: string][] = [
  ['detect', 'Detect'],
  ['decide', 'Decide'],
  ['approve', 'Approve'],
  ['execute', 'Execute'],
  ['verify', 'Verify'],
  ['whole', 'Found to fixed'],
];

// A dot at the median, a line to the ninetieth and the ninety-ninth percentile, on one logarithmic scale.
export function TimesTable({ of }: { of: Figures['times'] }) {
  const known = timeKinds.flatMap(([kind, label]) => {
    const spread = of[kind];
    return spread && spread.count > 0 ? [{ kind, label, spread }] : [];
  });
  if (known.length === 0) return <p class="empty">Nothing was set right in this time.</p>;
  const log = (s: number) => Math.log10(1 + s * 1000);
  const first = log(Math.min(...known.map((one) => one.spread.median_s)));
  const last = log(Math.max(...known.map((one) => one.spread.p99_s)));
  const at = (s: number) => (last === first ? 2 : ((log(s) - first) / (last - first)) * 96 + 2);
  return (
    <table class="times">
      <thead>
        <tr>
          <th scope="col">Time to</th>
          <td class="times-bar" />
          <th scope="col">Median</th>
          <th scope="col">p90</th>
          <th scope="col">p99</th>
        </tr>
      </thead>
      <tbody>
        {known.map(({ kind, label, spread }) => (
          <tr key={kind} class={kind === 'whole' ? 'whole' : ''}>
            <th scope="row" title={plural(spread.count, 'time')}>
              {label}
            </th>
            <td class="times-bar">
              <SpreadBar of={spread} at={at} />
            </td>
            {[spread.median_s, spread.p90_s, spread.p99_s].map((s, i) => (
              <td key={i} title={duration(s * 1000)}>
                {roughly(s * 1000)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SpreadBar({ of, at }: { of: Spread; at: (s: number) => number }) {
  return (
    <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <path
        class="spread-far"
        d={`M${at(of.median_s)} 4H${Math.max(at(of.p99_s), at(of.median_s) + 0.5)}`}
      />
      <path
        class="spread-near"
        d={`M${at(of.median_s)} 4H${Math.max(at(of.p90_s), at(of.median_s) + 0.5)}`}
      />
      <path class="spread-middle" d={`M${at(of.median_s)} 1V7`} />
    </svg>
  );
}

// What a record vouches for, against the levels that it leads to.
export function VouchedBar({
  vouched,
  levels,
}: {
  vouched: number;
  levels: { approval: number; canary: number; automatic: number };
}) {
  return (
    <svg class="vouched" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="vouched-ground" width="100" height="10" />
      <rect class="vouched-part" width={vouched * 100} height="10" />
      {[levels.approval, levels.canary, levels.automatic].map((level) => (
        <path key={level} class="vouched-level" d={`M${level * 100} 0V10`} />
      ))}
    </svg>
  );
}
