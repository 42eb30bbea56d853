// Drives `aright sandbox`, and `aright serve` over it, with the AWS SDK for JavaScript: node run.mjs ARIGHT_BINARY
// NODE_MODULES
// Each story stands alone; all are told, and the exit code is 1 when one of them failed.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import * as aright from './aright_stories.mjs';
import { stories } from './stories.mjs';

const START_MS_MAX = 60_000;
const STORY_MS_MAX = 60_000;

const [binary, modules] = process.argv.slice(2).map((path) => resolve(path));
const load = createRequire(join(modules, 'from-here.js'));
const home = mkdtempSync(join(tmpdir(), 'aright-clients-'));

function withLimit(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Nothing of the developer's own AWS settings comes through, to the server or to the clients.
for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
Object.assign(process.env, { HOME: home, AWS_EC2_METADATA_DISABLED: 'true', NO_PROXY: '127.0.0.1' });

const servers = [];

// Where it answers, once it has said so.
async function start(...args) {
  const server = spawn(binary, ['--json', ...args, '--port', '0'], {
    cwd: home,
    env: { ...process.env, ...aright.secrets, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  servers.push({ server, ended: new Promise((done) => server.once('exit', done)) });
  const hello = new Promise((done, failed) => {
    createInterface({ input: server.stdout }).once('line', done);
    server.once('exit', (code) => failed(new Error(`${args[0]} ended with ${code}`)));
  });
  return JSON.parse(await withLimit(START_MS_MAX, 'the start', hello)).url;
}

let failures = 0;
try {
  const cloud = await start('sandbox');
  writeFileSync(join(home, 'aright.yaml'), aright.policy);
  const served = await start('serve', '--state', join(home, 'state'), '--policy', 'aright.yaml', '--endpoint-url', cloud);
  for (const { name, tell } of [...stories(load, cloud), ...aright.stories(load, served)]) {
    try {
      await withLimit(STORY_MS_MAX, name, tell());
      console.log(`passed  ${name}`);
    } catch (error) {
      failures += 1;
      console.log(`FAILED  ${name}\n${error.stack}`);
    }
  }
} finally {
  for (const { server, ended } of servers.reverse()) {
    server.kill('SIGTERM');
    await ended;
  }
  rmSync(home, { recursive: true, force: true });
}
process.exit(failures === 0 ? 0 : 1);
