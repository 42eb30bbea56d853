// Light or dark: what the reader chose, else what their system says. Kept on this device; it is no secret.

const key = 'aright.theme';

export type Theme = 'system' | 'light' | 'dark';
export const themes: Theme[] = ['system', 'light', 'dark'];

export function theme(): Theme {
  const kept = localStorage.getItem(key);
  return themes.find((one) => one === kept) ?? 'system';
}

export function wear(chosen: Theme): void {
  if (chosen === 'system') {
    localStorage.removeItem(key);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(key, chosen);
    document.documentElement.dataset.theme = chosen;
  }
}
