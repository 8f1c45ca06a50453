/** Who this node is: its key pair, made once, and the name the farm gave it at enrolment. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { coerceError, distrustOf, enrolReplySchema, linkProofText, SECOND } from '@croft/contract';
import { nodeErrors } from '../errors.ts';
import type { NodeHome } from './home-layout.ts';

export interface Identity {
  readonly nodeId: string;
  /** Base address of the farm, e.g. `http://farm:8080`. */
  readonly server: string;
  /** How the farm shows the node. */
  readonly name: string;
  /** Signature of a link challenge, base64. */
  prove(nonce: string): string;
}

export interface EnrolWish {
  /** Needed once; later the home remembers. */
  readonly server: string | undefined;
  readonly code: string | undefined;
  /** undefined: the name it has, at first `defaultName`. */
  readonly name: string | undefined;
  readonly defaultName: string;
}

const ENROL_TIMEOUT_MS = 30 * SECOND;
/** An Ed25519 public key in SPKI is this many bytes of wrapping before the 32 raw ones. */
const SPKI_PREFIX_BYTES = 12;

/**
 * The identity in the home, or a new one by enrolling with the code. A code for another farm than the one remembered
 * enrols anew; a server without a code only moves the address (a farm may come back on another port).
 * Throws NODE_NOT_ENROLLED, NODE_CODE_REFUSED, NODE_FARM_UNREACHABLE.
 */
export async function identityOf(home: NodeHome, wish: EnrolWish): Promise<Identity> {
  const key = await keyOf(home);
  const known = await remembered(home);
  const server = wish.server ?? known?.server;
  const name = wish.name ?? known?.name ?? wish.defaultName;
  const mustEnrol = known === null || (wish.code !== undefined && baseOf(server) !== baseOf(known.server));
  if (!mustEnrol) {
    const moved = { ...known, name, server: server ?? known.server };
    if (moved.server !== known.server || moved.name !== known.name) await remember(home, moved);
    return identityFrom(moved, key);
  }
  if (server === undefined || wish.code === undefined) {
    throw nodeErrors.NODE_NOT_ENROLLED(`the node in ${home.root} does not belong to a farm yet`);
  }
  const reply = await enrol(server, wish.code, name, key);
  const fresh = { nodeId: reply.nodeId, name, farm: reply.farm, server };
  await remember(home, fresh);
  return identityFrom(fresh, key);
}

/** The address of a door of the farm: `urlBelow('http://h:1/', '/node/v1/enrol')`. */
export function urlBelow(server: string, path: string): URL {
  return new URL(`${baseOf(server)}${path}`);
}

interface Remembered {
  nodeId: string;
  /** Missing in homes of nodes that never had one given. */
  name: string | undefined;
  farm: string;
  server: string;
}

function identityFrom(known: Remembered & { name: string }, key: KeyObject): Identity {
  return {
    nodeId: known.nodeId,
    server: known.server,
    name: known.name,
    prove: (nonce) => sign(null, Buffer.from(linkProofText(nonce)), key).toString('base64'),
  };
}

async function enrol(server: string, code: string, name: string, key: KeyObject) {
  let response: Response;
  try {
    response = await fetch(urlBelow(server, '/node/v1/enrol'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code, name, publicKey: rawPublicKey(key) }),
      signal: AbortSignal.timeout(ENROL_TIMEOUT_MS),
    });
  } catch (thrown) {
    const cause = coerceError(thrown);
    const distrust = distrustOf(cause);
    if (distrust !== null) {
      throw nodeErrors.NODE_FARM_UNREACHABLE(
        `the certificate of ${server} is not trusted (${distrust.code})`,
        {
          hint: distrust.hint,
          cause,
        },
      );
    }
    throw nodeErrors.NODE_FARM_UNREACHABLE(`the farm at ${server} cannot be reached: ${reasonOf(cause)}`, {
      cause,
    });
  }
  const text = await response.text().catch(() => '');
  if (response.status >= 500 || response.status === 429) {
    throw nodeErrors.NODE_FARM_UNREACHABLE(
      `the farm at ${server} answered ${response.status} to the enrolment`,
    );
  }
  if (!response.ok) throw nodeErrors.NODE_CODE_REFUSED(`the farm at ${server} refused the enrolment code`);
  const reply = enrolReplySchema.safeParse(parsed(text));
  if (!reply.success) {
    throw nodeErrors.NODE_FARM_UNREACHABLE(`what answers at ${server} is no Croft farm`, {
      cause: reply.error,
    });
  }
  return reply.data;
}

async function keyOf(home: NodeHome): Promise<KeyObject> {
  const pem = await readFile(home.key, 'utf8').catch(() => null);
  if (pem !== null) return createPrivateKey(pem);
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeWhole(home.key, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return privateKey;
}

function rawPublicKey(key: KeyObject): string {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return spki.subarray(SPKI_PREFIX_BYTES).toString('base64');
}

async function remembered(home: NodeHome): Promise<Remembered | null> {
  const text = await readFile(home.identity, 'utf8').catch(() => null);
  if (text === null) return null;
  const value = parsed(text) as Partial<Remembered> | null;
  if (typeof value?.nodeId !== 'string' || typeof value.server !== 'string') {
    throw nodeErrors.NODE_HOME_UNUSABLE(`${home.identity} is damaged`, {
      hint: 'Remove the file and enrol the node again with a new code.',
    });
  }
  const name = typeof value.name === 'string' ? value.name : undefined;
  return { nodeId: value.nodeId, name, server: value.server, farm: value.farm ?? '' };
}

async function remember(home: NodeHome, known: Remembered): Promise<void> {
  await writeWhole(home.identity, `${JSON.stringify(known, null, 2)}\n`);
}

/** A reader sees the old file or the whole new one, never half. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
}

function baseOf(server: string | undefined): string {
  return (server ?? '').replace(/\/+$/, '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function reasonOf(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause.message : '';
  return cause || error.message;
}
