// Whether entries are in the ledger that a checkpoint covers, checked here and now, with nothing of the server's but
// what it claims: leaf and node hashes of RFC 6962, a signed note of C2SP, Ed25519 and SHA-256 of WebCrypto.

import type { ProofBundle } from './shapes';

export interface Proven {
  entries: number; // that are proven
  size: number; // of the ledger that the checkpoint covers
  root: string; // hexadecimal
  origin: string;
}

const text = new TextEncoder();
const leaf_prefix = 0;
const node_prefix = 1;

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const same = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
}

export const leafHash = (leaf: string): Promise<Uint8Array> =>
  sha256(Uint8Array.of(leaf_prefix), text.encode(leaf));

const nodeHash = (left: Uint8Array, right: Uint8Array): Promise<Uint8Array> =>
  sha256(Uint8Array.of(node_prefix), left, right);

// RFC 9162, 2.1.3.2: the root that a leaf and its way up lead to; undefined for a way of another length.
export async function rootFrom(
  leaf: Uint8Array,
  index: number,
  size: number,
  way: Uint8Array[],
): Promise<Uint8Array | undefined> {
  if (index < 0 || index >= size) return undefined;
  let at = index;
  let last = size - 1;
  let hash = leaf;
  for (const beside of way) {
    if (last === 0) return undefined;
    if (at % 2 === 1 || at === last) {
      hash = await nodeHash(beside, hash);
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = await nodeHash(hash, beside);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : undefined;
}

interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
}

// The note's signature by this key over its text, and what the text says.
async function openCheckpoint(note: string, verifier: string): Promise<Checkpoint> {
  const split = note.indexOf('\n\n');
  const signed = note.slice(0, split + 1);
  const [name = '', id = '', ...rest] = verifier.split('+'); // base64 may hold a plus, too
  const key = bytesOf(rest.join('+'));
  const line = note
    .slice(split + 2)
    .split('\n')
    .find((one) => one.startsWith(`— ${name} `));
  if (split < 0 || !line) throw new Error('the checkpoint has no signature of this ledger');
  const signature = bytesOf(line.slice(line.lastIndexOf(' ') + 1));
  // Four bytes of the key's id, then the signature; the key has its algorithm before it: 1 is Ed25519.
  if (key[0] !== 1 || hex(signature.slice(0, 4)) !== id)
    throw new Error("the checkpoint's signature is of another key");
  const known = await crypto.subtle.importKey('raw', key.slice(1), 'Ed25519', false, ['verify']);
  if (!(await crypto.subtle.verify('Ed25519', known, signature.slice(4), text.encode(signed))))
    throw new Error("the checkpoint's signature does not hold");
  const [origin = '', size = '', root = ''] = signed.split('\n');
  return { origin, size: Number(size), root: bytesOf(root) };
}

// Fails with what does not hold.
export async function verifyBundle(bundle: ProofBundle): Promise<Proven> {
  if (!globalThis.crypto?.subtle)
    throw new Error('this browser checks nothing on a page without TLS that is not on loopback');
  const checkpoint = await openCheckpoint(bundle.checkpoint, bundle.key);
  for (const { index, leaf, proof } of bundle.entries) {
    const position = (JSON.parse(leaf) as { position: number }).position;
    const root = await rootFrom(await leafHash(leaf), index, checkpoint.size, proof.map(bytesOf));
    if (position !== index + 1 || !root || !same(root, checkpoint.root))
      throw new Error(`entry ${index + 1} is not the one that the checkpoint covers`);
  }
  return {
    entries: bundle.entries.length,
    size: checkpoint.size,
    root: hex(checkpoint.root),
    origin: checkpoint.origin,
  };
}
