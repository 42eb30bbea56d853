// The small things that every page is made of.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { to } from '../router';
import type { Resource, SeverityName } from '../shapes';
import { ago, dayAndTime, useNow } from '../when';
import { resourceText, sentence, shortHash, stageText, stageTone, typeText } from '../words';
import { announce } from './announce';

export function Severity({ of }: { of: SeverityName }) {
  return <span class={`severity severity-${of}`}>{sentence(of)}</span>;
}

export function Stage({ of }: { of: string }) {
  return <span class={`stage tone-${stageTone(of)}`}>{stageText(of)}</span>;
}

const redraw_ms = 10_000;

export function When({ at, exact = false }: { at: string; exact?: boolean }) {
  const now = useNow(redraw_ms);
  const text = exact ? dayAndTime(at) : ago(now - Date.parse(at));
  return (
    <time dateTime={at} title={`${dayAndTime(at)} (${at})`}>
      {text}
    </time>
  );
}

export function ResourceName({ of }: { of: Resource }) {
  return (
    <span class="resource" title={of.arn || resourceText(of)}>
      <span class="resource-type">{typeText(of.type)}</span> <b class="name">{of.id}</b>
    </span>
  );
}

export function ResourceFacts({ of }: { of: Resource }) {
  return (
    <Facts
      of={[
        ['Resource', <b class="name">{of.id}</b>],
        ['Type', of.type],
        ['Account', of.account],
        ['Region', of.region || 'global'],
        ...(of.arn ? [['ARN', <code class="name">{of.arn}</code>] as Fact] : []),
      ]}
    />
  );
}

export type Fact = [label: string, value: ComponentChildren];

export function Facts({ of }: { of: Fact[] }) {
  return (
    <dl class="facts">
      {of.map(([label, value], i) => (
        <div key={`${label} ${i}`}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

// A hash, short, with its whole behind a button: what people approve must be easy to compare.
export function Hash({ of, what }: { of: string; what: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(of).catch(() => undefined);
    setCopied(true);
    announce(`${sentence(what)} copied.`);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button
      type="button"
      class="hash"
      title={`${of}: copy`}
      aria-label={`${what} ${of}: copy`}
      onClick={copy}>
      <code>{copied ? 'copied' : shortHash(of)}</code>
    </button>
  );
}

export function Sentence({ text }: { text: string }) {
  const parts = text.split(
    /(\b(?:rem|fnd|exec|plan|sig)_[0-9A-Za-z]{10,}\b|\b\d{4}-\d\d-\d\dT[\d:.]+Z)/,
  );
  return (
    <>
      {parts.map((part, i) =>
        i % 2 === 1 ? <Reference key={i} text={part} /> : i === 0 ? sentenceStart(part) : part,
      )}
    </>
  );
}

const sentenceStart = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function Reference({ text }: { text: string }) {
  if (/^\d/.test(text))
    return (
      <time dateTime={text} title={text}>
        {dayAndTime(text)}
      </time>
    );
  const short = <code title={text}>{shortId(text)}</code>;
  if (text.startsWith('rem_')) return <a href={to(['remediations', text])}>{short}</a>;
  if (text.startsWith('fnd_')) return <a href={to(['findings', text])}>{short}</a>;
  return short;
}

// The end of an id tells more than its beginning, which is the time.
export const shortId = (id: string): string => {
  const [prefix = '', rest = ''] = id.split('_');
  return rest.length > 8 ? `${prefix}_…${rest.slice(-6)}` : id;
};

export function Section({
  title,
  aside,
  children,
  id,
}: {
  title: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
  id?: string;
}) {
  return (
    <section class="card" aria-label={title} id={id}>
      <header class="card-head">
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

export function Loading() {
  return (
    <p class="loading" role="status">
      Reading…
    </p>
  );
}

export function Failure({ error, again }: { error: Error; again?: () => void }) {
  return (
    <div class="failure" role="alert">
      <p>{error.message}</p>
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

// What was read, or why it was not. An old answer stays, with a word about the failure above it.
export function Shown<T>({
  loaded,
  children,
}: {
  loaded: { data: T | undefined; error: Error | undefined; again: () => void };
  children: (data: T) => ComponentChildren;
}) {
  return (
    <>
      {loaded.error && <Failure error={loaded.error} again={loaded.again} />}
      {loaded.data !== undefined ? children(loaded.data) : !loaded.error && <Loading />}
    </>
  );
}
