// The bearer token: given once, by hand or in the page's fragment (#token=…), kept for this tab only.
// A fragment never reaches a server, and it leaves the address bar and the history at once.

const key = 'aright.token';
type Listener = () => void;
const listeners = new Set<Listener>();

export function takeTokenFromFragment(): void {
  const fragment = new URLSearchParams(location.hash.replace(/^#/, ''));
  const token = fragment.get('token');
  if (!token) return;
  sessionStorage.setItem(key, token);
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

export function onSession(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
