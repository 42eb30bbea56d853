// The Node.js runtime: takes the event from the Runtime API, calls the handler as Lambda does, and gives back what came of it.

import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import module from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, inspect } from 'node:util';

const root = process.env.LAMBDA_TASK_ROOT;
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const api = '/2018-06-01/runtime';
const extensions = ['', '.js', '.mjs', '.cjs'];

function ask(method, target, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path: api + target, headers, agent: false }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

class Failure extends Error {
  constructor(kind, message) {
    super(message);
    this.name = kind;
  }
}

function told(error) {
  const known = error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error);
  if (!known)
    return { errorType: typeof error, errorMessage: typeof error === 'string' ? error : inspect(error), trace: [] };
  return {
    errorType: String(error.name ?? 'Error'),
    errorMessage: String(error.message),
    trace: String(error.stack ?? '').split('\n'),
  };
}

// The same run draws the same numbers and ids, so that what it does can be compared with its rehearsal. What
// crypto.randomBytes gives stays as random as ever.
function repeatChance(seed) {
  let count = 0;
  const draw = (bytes) => {
    const parts = [];
    for (let left = bytes; left > 0; left -= 32)
      parts.push(crypto.createHash('sha256').update(`${seed} ${count++}`).digest());
    return Buffer.concat(parts).subarray(0, bytes);
  };
  Math.random = () => draw(6).readUIntBE(0, 6) / 2 ** 48;
  crypto.randomUUID = () => {
    const bytes = draw(16);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };
  crypto.randomFillSync = (buffer, offset = 0, size = buffer.byteLength - offset) => {
    new Uint8Array(buffer.buffer ?? buffer, (buffer.byteOffset ?? 0) + offset, size).set(draw(size));
    return buffer;
  };
  module.syncBuiltinESMExports();
}

function logAsLambda(id) {
  const levels = { log: 'INFO', info: 'INFO', debug: 'DEBUG', warn: 'WARN', error: 'ERROR', trace: 'TRACE' };
  for (const [name, level] of Object.entries(levels))
    console[name] = (...parts) =>
      process.stdout.write(`${new Date().toISOString()}\t${id}\t${level}\t${format(...parts)}\n`);
}

async function load(handler) {
  const slash = handler.lastIndexOf('/') + 1;
  const [name, ...members] = handler.slice(slash).split('.');
  if (!name || members.length === 0 || members.includes(''))
    throw new Failure('Runtime.MalformedHandlerName', `Bad handler '${handler}'`);
  const stem = path.join(root, handler.slice(0, slash), name);
  const file = extensions.map((extension) => stem + extension).find((one) => fs.statSync(one, { throwIfNoEntry: false })?.isFile());
  if (!file) throw new Failure('Runtime.ImportModuleError', `Error: Cannot find module '${handler.slice(0, slash)}${name}'`);
  let loaded;
  try {
    loaded = await import(pathToFileURL(file).href);
  } catch (error) {
    throw explained(error);
  }
  const walk = (from) => members.reduce((value, member) => value?.[member], from);
  const found = walk(loaded) ?? walk(loaded.default);
  if (typeof found !== 'function')
    throw new Failure('Runtime.HandlerNotFound', `${name}.${members.join('.')} is undefined or not exported`);
  return found;
}

// Lambda brings the AWS SDK along; here, a layer does.
function explained(error) {
  if (error instanceof SyntaxError) return Object.assign(error, { name: 'Runtime.UserCodeSyntaxError' });
  if (error?.code !== 'MODULE_NOT_FOUND' && error?.code !== 'ERR_MODULE_NOT_FOUND') return error;
  const sdk = /'(@aws-sdk\/[^'/]+|aws-sdk)/.exec(error.message)?.[1];
  const advice = sdk ? `\nThe AWS SDK is not part of this runtime: put ${sdk} into the package or into a layer.` : '';
  return new Failure('Runtime.ImportModuleError', `Error: ${error.message}${advice}`);
}

function contextOf(headers, settle) {
  const env = process.env;
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    succeed: (result) => settle(null, result),
    fail: (error) => settle(error ?? 'handled'),
    done: (error, result) => settle(error, result),
  };
}

// A promise, a callback, or nothing more to do: whichever comes first.
function call(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const settle = (error, result) => (error === null || error === undefined ? resolve(result) : reject(error));
    const idle = () => resolve(undefined);
    const forget = (then) => (value) => (process.off('beforeExit', idle), then(value));
    process.once('beforeExit', idle);
    [resolve, reject] = [forget(resolve), forget(reject)];
    const result = handler(event, contextOf(headers, settle), settle);
    if (typeof result?.then === 'function') result.then(resolve, reject);
  });
}

async function tell(target, error) {
  const body = told(error);
  process.stdout.write(`${new Date().toISOString()}\tERROR\t${body.errorType}: ${body.errorMessage}\n`);
  await ask('POST', target, JSON.stringify(body), {
    'Content-Type': 'application/json',
    'Lambda-Runtime-Function-Error-Type': body.errorType,
  });
}

// What nobody caught may have left anything behind: the process ends with it.
async function fail(target, error) {
  await tell(target, error);
  process.exit(1);
}

function encoded(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    throw new Failure('Runtime.MarshalError', 'Unable to stringify response body');
  }
}

async function run() {
  let handler;
  try {
    handler = await load(process.env._HANDLER);
  } catch (error) {
    return fail('/init/error', error);
  }
  let target;
  for (const kind of ['uncaughtException', 'unhandledRejection'])
    process.once(kind, (error) => {
      if (kind === 'unhandledRejection')
        error = Object.assign(new Failure('Runtime.UnhandledPromiseRejection', inspect(error)), { stack: error?.stack });
      fail(`${target}/error`, error);
    });
  for (let events = 0; ; ++events) {
    const { headers, body } = await ask('GET', '/invocation/next'); // for as long as there is none
    const id = headers['lambda-runtime-aws-request-id'];
    target = `/invocation/${id}`;
    process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
    if (events > 0 && process.env.AWS_LAMBDA_LOG_STREAM_NAME) repeatChance(id);
    let result;
    try {
      result = encoded(await call(handler, JSON.parse(body), headers));
    } catch (error) {
      await tell(`${target}/error`, error); // and the next event finds the function warm
      continue;
    }
    await ask('POST', `${target}/response`, result);
  }
}

if (process.env.AWS_LAMBDA_LOG_STREAM_NAME) repeatChance(process.env.AWS_LAMBDA_LOG_STREAM_NAME);
logAsLambda(process.env.AWS_LAMBDA_LOG_STREAM_NAME);
await run();
