// How a story is told: in a window of its own, which must not have complained by the end.

import assert from 'node:assert/strict';
import { Reader } from './browser.mjs';

export const phone = { width: 360, height: 780 };

// Opens a window, tells the story in it, and looks whether the page complained.
export const told =
  (story, window = {}) =>
  async (world) => {
    const reader = await Reader.come(world.browser, world.url, window);
    try {
      const skipped = await story(world, reader);
      assert.deepEqual(await reader.leave(), []);
      return skipped;
    } finally {
      await reader.context.close();
    }
  };

export const confirm = (page, label) =>
  page.getByRole('dialog').getByRole('button', { name: label, exact: true }).click();
