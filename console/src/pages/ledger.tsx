// The ledger: every entry with its hash, and whether the chain of hashes holds.

import { useState } from 'preact/hooks';
import { get } from '../api';
import { Empty, Failure, Hash, Sentence, shortId, Shown } from '../components/basic';
import { pretty } from '../difference';
import { useLoaded } from '../resource';
import { to } from '../router';
import type { Entry, LedgerPage as Page, LedgerVerdict } from '../shapes';
import { clockTime, dayAndTime } from '../when';
import { plural, sentence } from '../words';

const page_entries = 50;

export function LedgerPage({ query }: { query: URLSearchParams }) {
  const from = Number(query.get('from')) || -page_entries;
  const loaded = useLoaded<Page>(`/ledger?from=${from}&limit=${page_entries}`);
  return (
    <>
      <Verdict />
      <Shown loaded={loaded}>
        {({ entries, size }) => (
          <>
            <p class="hint" role="status">
              {plural(size, 'entry', 'entries')}, newest first
            </p>
            {entries.length === 0 ? (
              <div class="card">
                <Empty>The ledger is empty.</Empty>
              </div>
            ) : (
              <ol class="card ledger" data-live="ledger">
                {[...entries].reverse().map((entry) => (
                  <Row key={entry.position} of={entry} />
                ))}
              </ol>
            )}
            <Pages entries={entries} size={size} />
          </>
        )}
      </Shown>
    </>
  );
}

function Row({ of }: { of: Entry }) {
  return (
    <li>
      <details>
        <summary>
          <span class="position">{of.position}</span>
          <time dateTime={of.time} title={dayAndTime(of.time)}>
            {clockTime(of.time)}
          </time>
          <span class="ledger-text">
            <Sentence text={of.text || sentence(of.kind)} />
          </span>
          <code class="ledger-stream" title={of.stream}>
            {shortId(of.stream)}
          </code>
          <code class="ledger-hash" title={of.hash}>
            {of.hash.slice(0, 12)}
          </code>
        </summary>
        <p class="hint">
          {sentence(of.kind)}: entry {of.sequence} of <Stream of={of.stream} />,{' '}
          {dayAndTime(of.time)}. Hash <Hash of={of.hash} what="hash" />
        </p>
        <pre tabIndex={0}>
          <code>{pretty(of.body)}</code>
        </pre>
      </details>
    </li>
  );
}

function Stream({ of }: { of: string }) {
  if (of.startsWith('rem_')) return <a href={to(['remediations', of])}>{of}</a>;
  if (of.startsWith('fnd_')) return <a href={to(['findings', of])}>{of}</a>;
  return <code class="name">{of}</code>;
}

function Pages({ entries, size }: { entries: Entry[]; size: number }) {
  const first = entries[0]?.position ?? 1;
  const last = entries.at(-1)?.position ?? size;
  const older = Math.max(1, first - page_entries);
  return (
    <nav class="pages" aria-label="Pages of the ledger">
      {last < size && (
        <a class="button" href={to(['ledger'])}>
          Newest
        </a>
      )}
      {last < size && (
        <a class="button" href={to(['ledger'], { from: String(last + 1) })}>
          Newer
        </a>
      )}
      {first > 1 && (
        <a class="button" href={to(['ledger'], { from: String(older) })}>
          Older
        </a>
      )}
    </nav>
  );
}

function Verdict() {
  const [verdict, setVerdict] = useState<LedgerVerdict>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const verify = async () => {
    setBusy(true);
    setError(undefined);
    try {
      setVerdict(await get<LedgerVerdict>('/ledger/verify'));
    } catch (failure) {
      setVerdict(undefined);
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    }
    setBusy(false);
  };
  return (
    <section
      class={`card verdict${verdict ? (verdict.ok ? ' good' : ' bad') : ''}`}
      aria-label="Verification">
      <div role="status">
        {!verdict && (
          <p>Each entry's hash covers all entries before it. Verifying computes every one anew.</p>
        )}
        {verdict?.ok && (
          <p>
            <b>Intact.</b> {plural(verdict.entries, 'entry', 'entries')}, each as it was written.
            Head <Hash of={verdict.head} what="head hash" />
          </p>
        )}
        {verdict && !verdict.ok && (
          <p>
            <b>
              Not as it was written
              {verdict.fault ? `, from entry ${verdict.fault.position} on` : ''}.
            </b>{' '}
            {verdict.fault?.what}
          </p>
        )}
      </div>
      {error && <Failure error={error} />}
      <button type="button" disabled={busy} onClick={verify}>
        {busy ? 'Verifying…' : 'Verify'}
      </button>
    </section>
  );
}
