// The proof that a remediation's entries are in the ledger, checked by this browser and not by the server.

import { useState } from 'preact/hooks';
import { get } from '../api';
import { verifyBundle, type Proven } from '../proof';
import type { ProofBundle } from '../shapes';
import { plural } from '../words';
import { Facts, Failure, Hash, Section } from './basic';

export function OnRecord({ of }: { of: string }) {
  const [proven, setProven] = useState<Proven & { key: string }>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const check = async () => {
    setBusy(true);
    setError(undefined);
    setProven(undefined);
    try {
      const bundle = await get<ProofBundle>(`/ledger/proofs?of=${encodeURIComponent(of)}`);
      setProven({ ...(await verifyBundle(bundle)), key: bundle.key });
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    }
    setBusy(false);
  };
  return (
    <Section
      title="On record"
      aside={
        <button type="button" disabled={busy} onClick={check}>
          {busy ? 'Checking…' : proven ? 'Check again' : 'Check the proof'}
        </button>
      }>
      <div role="status">
        {proven ? (
          <>
            <p class="prose tone-text tone-good">
              <b>Proven in this browser.</b>
            </p>
            <p class="prose">
              {plural(proven.entries, 'entry', 'entries')} of this story{' '}
              {proven.entries === 1 ? 'is' : 'are'} in the ledger whose{' '}
              {plural(proven.size, 'entry', 'entries')} the signed checkpoint covers.
            </p>
            <Facts
              of={[
                ['Root', <Hash of={proven.root} what="root" />],
                ['Ledger', <code class="name">{proven.origin}</code>],
                ['Key', <code class="name">{proven.key}</code>],
              ]}
            />
          </>
        ) : (
          !error && (
            <p class="hint">
              Each entry's way to the root of a signed checkpoint is fetched, and hashed and
              compared here.
            </p>
          )
        )}
      </div>
      {error && <Failure error={error} />}
    </Section>
  );
}
