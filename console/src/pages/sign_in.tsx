// What is asked before anything is read: who one is. By the identity provider, where the policy names one, or by the
// bearer token.

import { useEffect, useState } from 'preact/hooks';
import { ask } from '../api';
import { Mark } from '../components/mark';
import { refusal, signIn, signOut } from '../session';

// Nothing where the server names none, or does not answer.
function useIssuer(): string {
  const [issuer, setIssuer] = useState('');
  useEffect(() => {
    const ask = async () => {
      const response = await fetch('/oidc', { credentials: 'omit' });
      const said = (await response.json()) as { issuer: string | null };
      setIssuer(said.issuer ?? '');
    };
    ask().catch(() => undefined);
  }, []);
  return issuer;
}

// The browser leaves this page, and comes back to where it was.
function Provider({ issuer }: { issuer: string }) {
  const page = location.hash.replace(/^#/, '') || '/';
  return (
    <>
      <a
        class="button act-good act-large"
        href={`/oidc/begin?${new URLSearchParams({ page })}`}
        title={issuer}>
        Sign in through {new URL(issuer).host}
      </a>
      <p class="or">or by token</p>
    </>
  );
}

export function SignIn() {
  const issuer = useIssuer();
  const [value, setValue] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(refusal());
  const go = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError('');
    try {
      await ask('/overview', { headers: { authorization: `Bearer ${value.trim()}` } });
      signIn(value.trim());
    } catch (failure) {
      signOut();
      const status = (failure as { status?: number }).status;
      setError(
        status === 401
          ? 'This token is not known here.'
          : failure instanceof Error
            ? failure.message
            : String(failure),
      );
    }
    setBusy(false);
  };
  return (
    <main class="sign-in" id="content">
      <form class="card" onSubmit={go}>
        <h1>
          <Mark /> aright
        </h1>
        {issuer && <Provider issuer={issuer} />}
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          autofocus={!issuer}
          required
          value={value}
          onInput={(event) => setValue(event.currentTarget.value)}
          aria-describedby="token-hint"
        />
        <p class="hint" id="token-hint">
          The bearer token of the REST API. It stays in this tab, and is forgotten with it.
        </p>
        {error && (
          <p class="failure" role="alert">
            {error}
          </p>
        )}
        <button
          type="submit"
          class={`act act-large ${issuer ? 'act-plain' : 'act-good'}`}
          disabled={busy || value.trim() === ''}>
          {busy ? 'Asking…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
