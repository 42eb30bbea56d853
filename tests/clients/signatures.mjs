// Prints AWS's test suite of Signature Version 4, as @smithy/signature-v4 carries it, one JSON object a line:
// src/aws/signature_suite_test.cc signs the same.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';

const modules = fileURLToPath(new URL('../../build/npm/clients/node_modules', import.meta.url));
const fixture = join(modules, '@smithy/signature-v4/dist-es/suite.fixture.js');
const { requests } = await import(pathToFileURL(fixture));

const encoded = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());

for (const { name, request, authorization } of requests) {
  const pairs = Object.entries(request.query ?? {}).flatMap(([key, values]) =>
    [values].flat().map((value) => `${encoded(key)}=${encoded(value ?? '')}`),
  );
  const target = request.path + (pairs.length > 0 ? `?${pairs.join('&')}` : '');
  const { method, headers, body = '' } = request;
  console.log(JSON.stringify({ name, method, target, headers, body, authorization }));
}
