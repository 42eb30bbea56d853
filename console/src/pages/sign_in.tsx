// The one thing that is asked before anything is read: the bearer token.

import { useState } from 'preact/hooks';
import { ask } from '../api';
import { Mark } from '../components/mark';
import { signIn, signOut } from '../session';

export function SignIn() {
  const [value, setValue] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
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
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          autofocus
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
        <button type="submit" class="act act-good act-large" disabled={busy || value.trim() === ''}>
          {busy ? 'Asking…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
