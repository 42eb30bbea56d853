// A list as a table, which on a phone is a stack. Up, down, home and end move between rows; each row is reached by tab.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { plural } from '../words';

const first_rows = 100;
const more_rows = 400;

export function moveAmongRows(event: KeyboardEvent): void {
  if (!(event.currentTarget instanceof Element)) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('a.row-link')];
  const at = links.findIndex((link) => link === document.activeElement);
  if (at < 0) return;
  const next: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    j: at + 1,
    k: at - 1,
    Home: 0,
    End: links.length - 1,
  };
  const target = links[next[event.key] ?? -1];
  if (!target) return;
  event.preventDefault();
  target.focus();
}

export function Rows<T>({
  of,
  head,
  children,
}: {
  of: T[];
  head: ComponentChildren[];
  children: (one: T) => ComponentChildren;
}) {
  const [bound, setBound] = useState(first_rows);
  const hidden = of.length - bound;
  return (
    <div class="card table-card">
      <table class="rows">
        <thead>
          <tr>
            {head.map((label, i) =>
              typeof label === 'string' ? (
                <th key={i} scope="col">
                  {label}
                </th>
              ) : (
                label
              ),
            )}
          </tr>
        </thead>
        <tbody onKeyDown={moveAmongRows}>{of.slice(0, bound).map(children)}</tbody>
      </table>
      {hidden > 0 && (
        <button type="button" class="quiet more-rows" onClick={() => setBound(bound + more_rows)}>
          Show {Math.min(hidden, more_rows)} more of {plural(of.length, 'row')}
        </button>
      )}
    </div>
  );
}
