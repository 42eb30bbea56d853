// The exact difference, field by field, before and after.

import { arrange, type Field, type Line } from '../difference';
import type { Change } from '../shapes';
import { typeText } from '../words';
import { Empty } from './basic';

export function Difference({ of }: { of: Change[] }) {
  if (of.length === 0) return <Empty>Nothing that is described changes.</Empty>;
  return (
    <div class="difference">
      {arrange(of).map((one) => (
        <section key={`${one.type}/${one.id}`} aria-label={`${one.type} ${one.id}`}>
          <h3><span class="resource-type">{typeText(one.type)}</span> <b class="name">{one.id}</b></h3>
          <ul>{one.fields.map((field) => <FieldRow key={field.path.join('/')} field={field} />)}</ul>
        </section>
      ))}
    </div>
  );
}

function FieldRow({ field }: { field: Field }) {
  return (
    <li class={`field field-${field.kind}`}>
      <span class="path"><Path of={field.path} /></span>
      {field.lines ? <Lines of={field.lines} /> : (
        <span class="values">
          <Value text={field.before} absent="not set" sort="before" />
          <span class="arrow" aria-label="becomes">→</span>
          <Value text={field.after} absent="gone" sort="after" />
        </span>
      )}
    </li>
  );
}

function Path({ of }: { of: string[] }) {
  const last = of.length - 1;
  return <>{of.map((part, i) => (
    <span key={i} class={i === last ? 'leaf' : 'stem'}>{part}{i < last && <span class="dot" aria-hidden="true"> › </span>}</span>
  ))}</>;
}

function Value({ text, absent, sort }: { text: string | undefined; absent: string; sort: 'before' | 'after' }) {
  if (text === undefined) return <span class="value absent">{absent}</span>;
  const Tag = sort === 'before' ? 'del' : 'ins';
  return <Tag class={`value ${sort}`}>{text === '' ? '(empty)' : text}</Tag>;
}

function Lines({ of }: { of: Line[] }) {
  return (
    <pre class="lines" tabIndex={0}>
      {of.map((line, i) => {
        const text = <code>{`${line.sign} ${line.text}\n`}</code>;
        if (line.sign === '-') return <del key={i}>{text}</del>;
        if (line.sign === '+') return <ins key={i}>{text}</ins>;
        return <span key={i} class={line.sign === '…' ? 'folded' : ''}>{text}</span>;
      })}
    </pre>
  );
}
