// What holds for every page: nothing sticks out, everything has a name, every text can be read.
// Each of these runs in the page and gives a list of what is wrong.

export function sticksOut() {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('main *')]
    .filter((one) => one.getBoundingClientRect().right > width + 1)
    .slice(0, 5)
    .map(
      (one) =>
        `${one.tagName}.${one.className} ends at ${one.getBoundingClientRect().right} of ${width}`,
    );
}

export function nameless() {
  const name = (one) =>
    one.getAttribute('aria-label') ||
    one.innerText?.trim() ||
    one.labels?.[0]?.innerText.trim() ||
    '';
  const wrong = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter((one) => one.checkVisibility() && name(one) === '')
    .map((one) => `no name: ${one.outerHTML.slice(0, 120)}`);
  const headings = document.querySelectorAll('h1').length;
  if (headings !== 1) wrong.push(`${headings} first-level headings`);
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
  return [...wrong, ...twice.map((id) => `the id ${id} twice`)];
}

// WCAG 2.2, 1.4.3: 4.5 to 1, and 3 to 1 for large text. Colours come from the page as drawn.
export function unreadable() {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const wrong = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement;
    if (
      !texts.currentNode.data.trim() ||
      !one.checkVisibility({ opacityProperty: true }) ||
      one.closest(':disabled')
    )
      continue;
    const style = getComputedStyle(one);
    const [high, low] = [light(rgba(style.color)), light(ground(one))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < needed)
      wrong.add(
        `${contrast.toFixed(2)} of ${needed}: ${one.tagName}.${one.className} "${texts.currentNode.data.slice(0, 30)}"`,
      );
  }
  return [...wrong].slice(0, 8);
}
