// The bearer token: given once, by hand or in the page's fragment (#token=…, from a link or after a sign-in through the
// identity provider), kept for this tab only.
// A fragment never reaches a server, and it leaves the address bar and the history at once.

const key = 'aright.token';
type Listener = () => void;
const listeners = new Set<Listener>();

// Why the identity provider's answer was of no use, by the words that the server has for it.
const refusals: { [word: string]: string } = {
  denied: 'The identity provider knows you, but you have no role here, or it said no.',
  failed: 'The sign-in was not finished. Try again.',
};
let refused = '';
export const refusal = (): string => refused;

export function takeTokenFromFragment(): void {
  const fragment = new URLSearchParams(location.hash.replace(/^#/, ''));
  const token = fragment.get('token');
  const word = fragment.get('refused');
  if (!token && !word) return;
  if (token) sessionStorage.setItem(key, token);
  refused = token ? '' : (refusals[word ?? ''] ?? '');
  const page = fragment.get('page') ?? '/';
  history.replaceState(null, '', `${location.pathname}#${page.startsWith('/') ? page : '/'}`);
}

export const token = (): string | null => sessionStorage.getItem(key);

export function signIn(value: string): void {
  sessionStorage.setItem(key, value);
  listeners.forEach((tell) => tell());
}

export function signOut(): void {
  sessionStorage.removeItem(key);
  listeners.forEach((tell) => tell());
}

// By the reader's own wish: a session that the server made ends there as well.
export function leave(): void {
  const bearer = token();
  signOut();
  if (bearer)
    void fetch('/oidc/end', {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}` },
      credentials: 'omit',
    }).catch(() => undefined);
}

export function onSession(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
