// Drives the console in headless Chromium, story by story:
//   node run.mjs --console DIR        the built console, against the fixture server
//   node run.mjs --url URL --token T  against a running `aright serve` or `aright demo`, where it
//                                     scans, approves, rolls back, halts and resumes
//   --screenshots DIR                 keeps a picture of every page
//   --only TEXT                       tells the stories whose names hold TEXT
//   --modules DIR                     where the console's packages are installed
// Ends with "N passed, N failed, N skipped", and exits 0 when none failed.

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openBrowser } from './browser.mjs';
import { FixtureServer, fixtureToken } from './fixture_server.mjs';
import { stories } from './spec.mjs';
import { workStories } from './spec_work.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const text = { type: 'string' };
const { values: options } = parseArgs({
  options: { modules: text, console: text, url: text, token: text, screenshots: text, only: text },
});
const modules = options.modules ?? join(here, '../../build/npm/console/node_modules');

async function meet() {
  if (options.url) return { url: options.url, token: options.token ?? '', fixture: null };
  if (!options.console)
    throw new Error('give --console DIR (the built console), or --url URL --token T');
  const fixture = await new FixtureServer(
    options.console,
    join(here, 'testdata/account.json'),
  ).start();
  return { url: fixture.url, token: fixtureToken, fixture };
}

const server = await meet();
const api = async (path, body) => {
  const response = await fetch(new URL(`/api/v1${path}`, server.url), {
    method: body ? 'POST' : 'GET',
    body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
};

if (options.screenshots) mkdirSync(options.screenshots, { recursive: true });
const browser = await openBrowser(modules);
const world = { ...server, api, browser, pictures: options.screenshots };
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const [name, story] of Object.entries({ ...stories, ...workStories })) {
  if (options.only && !name.includes(options.only)) continue;
  const begun = performance.now();
  try {
    const skipped = await story(world);
    ++counts[skipped ? 'skipped' : 'passed'];
    console.log(
      `${skipped ? 'skip' : 'pass'}  ${name}${skipped ? `: ${skipped}` : ''}  ${Math.round(performance.now() - begun)} ms`,
    );
  } catch (error) {
    ++counts.failed;
    console.log(`FAIL  ${name}\n${error.stack}`);
  }
}
await browser.close();
server.fixture?.stop();
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
