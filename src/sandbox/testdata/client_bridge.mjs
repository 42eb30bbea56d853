// Makes calls as the AWS SDK for JavaScript, for whoever writes them down a line at a time: client_bridge.py has the same lines.
//
// Arguments: node_modules, a fifo to read from, a fifo to write to. A line in: {url, id, operation, region, account, native,
// sayable, expect}, where `id` is the service's id in its model, `native` the input with {"$blob": base64} and {"$timestamp": text}
// where the model says so, and `sayable` whether the model has all of it. A line out: {output, expect}, {error: code, name}, or
// {unknown: why} where the client is older than the operation or checks the input itself.
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const [modules, from, to] = process.argv.slice(2);
const source = createReadStream(from);  // first: the other side waits for it
const sink = createWriteStream(to);
process.env.AWS_EC2_METADATA_DISABLED = 'true';
process.removeAllListeners('warning');  // of the age of Node

const load = createRequire(join(resolve(modules), 'from-here.js'));
const packages = JSON.parse(readFileSync(join(dirname(resolve(modules)), 'package.json'))).dependencies;
const sdks = new Map();  // of each package, by what its client says is the service's id
for (const name of Object.keys(packages).filter((each) => each.startsWith('@aws-sdk/client-'))) {
  const sdk = load(name);
  const Client = Object.entries(sdk).find(([key, value]) => key.endsWith('Client') && key !== '__Client' && value.prototype?.send)[1];
  sdks.set(new Client({ region: 'us-east-1' }).config.serviceId, { sdk, Client });
}

// S3 Control puts the account before the host's name.
const lookup = (name, options, done) => (options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4));
const httpAgent = new Agent({ keepAlive: true, lookup });

// An answer as the service model has it.
async function plain(value) {
  if (value instanceof Date) return value.toISOString();
  if (typeof value?.transformToByteArray === 'function') return plain(await value.transformToByteArray());
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (value === null || typeof value !== 'object') return value;
  const out = {};
  for (const [name, member] of Object.entries(value)) if (name !== '$metadata') out[name] = await plain(member);
  return out;
}

function native(value) {
  if (Array.isArray(value)) return value.map(native);
  if (value === null || typeof value !== 'object') return value;
  if ('$blob' in value) return new Uint8Array(Buffer.from(value.$blob, 'base64'));
  if ('$timestamp' in value) {
    const { $timestamp: at } = value;
    return new Date(typeof at === 'number' ? at * 1000 : at);
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, native(member)]));
}

let url;
const clients = new Map();

function client(Client, ask) {
  if (url !== ask.url) {
    for (const each of clients.values()) each.destroy();
    clients.clear();
    url = ask.url;
  }
  const key = [ask.id, ask.region, ask.account].join();
  if (!clients.has(key)) {
    clients.set(key, new Client({
      endpoint: ask.id === 'S3 Control' ? ask.url.replace('127.0.0.1', 'localhost') : ask.url,
      requestHandler: { httpAgent },
      region: ask.region,
      credentials: { accessKeyId: ask.account, secretAccessKey: 'test' },
      maxAttempts: 1,
      forcePathStyle: true,
      disableHostPrefix: true,
      useQueueUrlAsEndpoint: false,  // a queue's address may be AWS's own
    }));
  }
  return clients.get(key);
}

async function call(ask) {
  const { sdk, Client } = sdks.get(ask.id) ?? {};
  const Command = sdk?.[`${ask.operation}Command`];
  if (!Command) return { unknown: 'there is no such operation' };
  if (!ask.sayable) return { unknown: 'it would leave out what its model does not have' };
  try {
    const output = await client(Client, ask).send(new Command(native(ask.native)));
    return { output: await plain(output), expect: ask.expect };
  } catch (error) {
    const status = error.$metadata?.httpStatusCode;
    if (status === undefined) return { unknown: `${error.name}: ${error.message}` };
    const bodiless = ask.operation.startsWith('Head') && status === 404;
    return { error: bodiless ? '404' : error.Code ?? error.name, name: error.name, message: error.message };
  }
}

for await (const line of createInterface({ input: source })) sink.write(`${JSON.stringify(await call(JSON.parse(line)))}\n`);
