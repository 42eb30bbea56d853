// The exact difference, field by field, before and after.

import { arrange, sideBySide, type Field, type Line, type Pair, type Touched } from '../difference';
import type { Change } from '../shapes';
import { typeText } from '../words';
import { Empty } from './basic';

export function Difference({ of }: { of: Change[] }) {
  if (of.length === 0) return <Empty>Nothing would change: it is so already.</Empty>;
  return (
    <div class="difference">
      {arrange(of).map((one) => (
        <section key={`${one.type}/${one.id}`} aria-label={`${one.type} ${one.id}`}>
          <h3>
            <span class="resource-type">{typeText(one.type)}</span> <b class="name">{one.id}</b>
            {one.fate !== 'kept' && (
              <span class={`tag ${one.fate === 'new' ? 'tone-good' : 'tone-bad'}`}>
                {fates[one.fate]}
              </span>
            )}
          </h3>
          {byAspect(one.fields).map(([stem, fields]) => (
            <div key={stem.join('/')} class="aspect">
              {stem.length > 0 && <h4>{stem.join(' › ')}</h4>}
              <ul>
                {fields.map((field) => (
                  <FieldRow key={field.path.join('/')} field={field} fate={one.fate} />
                ))}
              </ul>
            </div>
          ))}
        </section>
      ))}
    </div>
  );
}

const fates = { new: 'is created', gone: 'is deleted' };

// Neighbours under the same aspect share its name.
function byAspect(fields: Field[]): [stem: string[], fields: Field[]][] {
  const groups = new Map<string, [string[], Field[]]>();
  for (const field of fields) {
    const stem = field.path.slice(0, -1);
    const group = groups.get(stem.join('/')) ?? [stem, []];
    groups.set(stem.join('/'), group);
    group[1].push(field);
  }
  return [...groups.values()];
}

function FieldRow({ field, fate }: { field: Field; fate: Touched['fate'] }) {
  return (
    <li class={`field field-${field.kind}`}>
      <span class="path">{field.path.at(-1) ?? 'The whole resource'}</span>
      {field.lines ? (
        <Lines of={field.lines} />
      ) : (
        <span class="values">
          {fate !== 'new' && <Value text={field.before} absent="not set" sort="before" />}
          {fate === 'kept' && (
            <span class="arrow" role="img" aria-label="becomes">
              →
            </span>
          )}
          {fate !== 'gone' && <Value text={field.after} absent="not set" sort="after" />}
        </span>
      )}
    </li>
  );
}

function Value({
  text,
  absent,
  sort,
}: {
  text: string | undefined;
  absent: string;
  sort: 'before' | 'after';
}) {
  if (text === undefined) return <span class="value absent">{absent}</span>;
  const Tag = sort === 'before' ? 'del' : 'ins';
  return <Tag class={`value ${sort}`}>{text === '' ? '(empty)' : text}</Tag>;
}

// Side by side where there is room; below each other where there is not. What only comes or only goes needs no other
// side.
function Lines({ of }: { of: Line[] }) {
  const oneSided = !of.some((line) => line.sign === '-') || !of.some((line) => line.sign === '+');
  return (
    <div
      class={`lines${oneSided ? ' one-sided' : ''}`}
      tabIndex={0}
      role="group"
      aria-label="Line by line">
      {sideBySide(of).map((pair, i) => (
        <PairRow key={i} of={pair} />
      ))}
    </div>
  );
}

function PairRow({ of: { before, after, kind } }: { of: Pair }) {
  if (kind !== 'changed')
    return (
      <div class={`pair ${kind}`}>
        <code>{before}</code>
        <code aria-hidden="true">{kind === 'same' ? after : ''}</code>
      </div>
    );
  return (
    <div class="pair">
      {before === undefined ? (
        <code class="nothing" />
      ) : (
        <del>
          <code>{before}</code>
        </del>
      )}
      {after === undefined ? (
        <code class="nothing" />
      ) : (
        <ins>
          <code>{after}</code>
        </ins>
      )}
    </div>
  );
}
