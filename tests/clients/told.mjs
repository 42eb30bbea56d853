// What stories are told with.
import assert from 'node:assert/strict';

export async function refused(name, call) {
  try {
    await call;
  } catch (error) {
    assert.equal(error.name, name, error.message);
    return error;
  }
  throw new Error(`not refused with ${name}`);
}

export async function collect(pages, items) {
  const all = [];
  let count = 0;
  for await (const page of pages) {
    count += 1;
    all.push(...(items(page) ?? []));
  }
  return { all, count };
}
