// Checkpoints and proofs as the ledger gives them (RFC 6962, C2SP's signed notes), by a hand that shares nothing with
// the engine or the console: what the console's own check is tried against.

import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

const origin = 'aright/fixture';
const { privateKey } = generateKeyPairSync('ed25519');
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const leafHash = (leaf) => sha256(Buffer.of(0), Buffer.from(leaf));
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

// The largest power of two below n.
const half = (n) => 2 ** Math.floor(Math.log2(n - 1));

export function rootOf(hashes) {
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0];
  const k = half(hashes.length);
  return nodeHash(rootOf(hashes.slice(0, k)), rootOf(hashes.slice(k)));
}

export function wayOf(index, hashes) {
  if (hashes.length < 2) return [];
  const k = half(hashes.length);
  return index < k
    ? [...wayOf(index, hashes.slice(0, k)), rootOf(hashes.slice(k))]
    : [...wayOf(index - k, hashes.slice(k)), rootOf(hashes.slice(0, k))];
}

const rawKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
const key = Buffer.concat([Buffer.of(1), rawKey]);
const keyId = sha256(Buffer.from(`${origin}\n`), key).subarray(0, 4);

// Of the entries that `wanted` says, against a checkpoint over all of them.
export function prove(entries, wanted) {
  const leaves = entries.map((entry) => JSON.stringify(entry));
  const hashes = leaves.map(leafHash);
  const text = `${origin}\n${leaves.length}\n${rootOf(hashes).toString('base64')}\n`;
  const signature = Buffer.concat([keyId, sign(null, Buffer.from(text), privateKey)]);
  return {
    format: 'aright-proof/1',
    key: `${origin}+${keyId.toString('hex')}+${key.toString('base64')}`,
    checkpoint: `${text}\n— ${origin} ${signature.toString('base64')}\n`,
    entries: entries.flatMap((entry, index) =>
      wanted(entry)
        ? [
            {
              index,
              leaf: leaves[index],
              proof: wayOf(index, hashes).map((one) => one.toString('base64')),
            },
          ]
        : [],
    ),
  };
}
