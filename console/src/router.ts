// Where the reader is: the page's fragment, #/findings?status=open. The server sees none of it.

import { useEffect, useState } from 'preact/hooks';

export interface Place {
  path: string[]; // "/remediations/rem_1" → ["remediations", "rem_1"]
  query: URLSearchParams;
}

export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decodePart),
    query: new URLSearchParams(query),
  };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function to(path: string[], query: Record<string, string> = {}): string {
  const filled = Object.entries(query).filter(([, value]) => value !== '');
  const tail = filled.length === 0 ? '' : `?${new URLSearchParams(filled)}`;
  return `#/${path.map(encodeURIComponent).join('/')}${tail}`;
}

// Filters change the place without a new step in the history.
export function replace(hash: string): void {
  history.replaceState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export function usePlace(): Place {
  const [hash, set] = useState(location.hash);
  useEffect(() => {
    const moved = () => set(location.hash);
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  return parsePlace(hash);
}
