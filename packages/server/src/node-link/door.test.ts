import { generateKeyPairSync, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CroftError, EXIT, type FromNode, linkProofText, type NodeFacts, type ToNode } from '@croft/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { NODE_CODE } from '../testing/farm-double.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const FACTS: NodeFacts = {
  name: 'render-1',
  os: 'linux',
  arch: 'x64',
  version: '0.1.0',
  cpuModel: 'Test',
  cpuThreads: 4,
  memoryBytes: 1,
  gpus: [],
  diskFreeBytes: 1,
  slots: 1,
  apps: [],
};
const keys = generateKeyPairSync('ed25519');
const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');

let test: TestServer;
beforeEach(async () => {
  test = await startTestServer();
});
afterEach(() => test.close());

async function enrol(code = NODE_CODE, key = publicKey): Promise<Response> {
  return fetch(`${test.server.url}/node/v1/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, name: 'render-1', publicKey: key }),
  });
}

/** A node's end of the link. */
class Line {
  readonly got: ToNode[] = [];
  closed: { code: number; reason: string } | null = null;
  readonly socket: WebSocket;
  constructor(headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${test.server.port}/node/v1/link`, { headers });
    this.socket.on('message', (data) => this.got.push(JSON.parse(String(data)) as ToNode));
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    this.socket.on('error', () => {});
  }
  send(message: FromNode) {
    this.socket.send(JSON.stringify(message));
  }
  async heard<Type extends ToNode['type']>(type: Type): Promise<Extract<ToNode, { type: Type }>> {
    await expect.poll(() => this.got.some((message) => message.type === type)).toBe(true);
    return this.got.find((message) => message.type === type) as Extract<ToNode, { type: Type }>;
  }
  async prove(nodeId: string, key = keys.privateKey) {
    const { nonce } = await this.heard('challenge');
    const signature = sign(null, Buffer.from(linkProofText(nonce)), key).toString('base64');
    this.send({ type: 'prove', nodeId, signature });
  }
  async greet(nodeId: string) {
    await this.prove(nodeId);
    await this.heard('welcome');
    this.send({ type: 'hello', facts: FACTS, liveAttempts: [], draining: false });
    await expect.poll(() => names().filter((name) => name === 'nodeConnected').length).toBeGreaterThan(0);
    return this;
  }
  async gone() {
    await expect.poll(() => this.closed).not.toBeNull();
    return this.closed!;
  }
}
const names = () => test.farm.heard.map(({ name }) => name);
const report = (seq: number): FromNode => ({
  type: 'report',
  seq,
  report: { kind: 'attempt-started', attemptId: seq, at: 1 },
});

async function enrolled(): Promise<string> {
  return ((await (await enrol()).json()) as { nodeId: string }).nodeId;
}

describe('enrolment', () => {
  it('takes a good code and a real key only', async () => {
    expect((await enrol('wrong')).status).toBe(403);
    expect((await enrol(NODE_CODE, 'AAAA')).status).toBe(400);
    expect(await (await enrol()).json()).toMatchObject({ nodeId: 'node-1' });
  });
});

describe('the link', () => {
  it('refuses a report without form by its number, so that it does not come for ever', async () => {
    const line = await new Line().greet(await enrolled());
    const broken = { kind: 'frame-done', attemptId: 77, frameId: -1, results: 'none' };
    line.socket.send(JSON.stringify({ type: 'report', seq: 5, report: broken }));
    line.socket.send(JSON.stringify({ type: 'report', seq: 6, report: null }));
    line.send(report(7));
    await expect
      .poll(() => line.got.filter(({ type }) => type === 'accepted'))
      .toEqual([5, 6, 7].map((seq) => ({ type: 'accepted', seq })));
    expect(line.got).toContainEqual({ type: 'cancel', attemptId: 77, reason: 'stale' });
    expect(test.farm.heard.filter(({ name }) => name === 'nodeReport')).toHaveLength(1);
  });

  it('lets in no node that claims a million slots', async () => {
    const line = new Line();
    await line.prove(await enrolled());
    await line.heard('welcome');
    line.send({ type: 'hello', facts: { ...FACTS, slots: 1e6 }, liveAttempts: [], draining: false });
    await line.gone();
    expect(names()).not.toContain('nodeConnected');
  });

  it('lets a proven node in, and the farm hears of it', async () => {
    const line = await new Line().greet(await enrolled());
    line.send(report(1));
    line.send(report(2));
    await expect
      .poll(() => line.got.filter(({ type }) => type === 'accepted'))
      .toEqual([
        { type: 'accepted', seq: 1 },
        { type: 'accepted', seq: 2 },
      ]);
    test.outlet.toNode('node-1', { type: 'drain' });
    await line.heard('drain');
    line.socket.close();
    await expect.poll(() => names().at(-1)).toBe('nodeDisconnected');
  });

  it('refuses unknown nodes, wrong proofs, messages out of turn and pages of browsers', async () => {
    const nodeId = await enrolled();
    const stranger = new Line();
    await stranger.prove('node-9');
    expect((await stranger.gone()).reason).toBe('NODE_LINK_UNKNOWN_NODE');
    const liar = new Line();
    await liar.prove(nodeId, generateKeyPairSync('ed25519').privateKey);
    expect((await liar.gone()).reason).toBe('NODE_LINK_PROOF_WRONG');
    const hasty = new Line();
    await hasty.heard('challenge');
    hasty.send(report(1));
    expect((await hasty.gone()).reason).toBe('NODE_LINK_PROTOCOL');
    const noisy = new Line();
    await noisy.heard('challenge');
    noisy.socket.send('{"type":');
    expect((await noisy.gone()).reason).toBe('NODE_LINK_PROTOCOL');
    const page = new Line({ origin: 'http://evil.example' });
    await page.gone();
    expect(page.got).toEqual([]);
    expect(names()).not.toContain('nodeReport');
  });

  it('keeps one link a node: the newer wins, and the node never counts as gone', async () => {
    const nodeId = await enrolled();
    const first = await new Line().greet(nodeId);
    const second = await new Line().greet(nodeId);
    expect(await first.gone()).toEqual({ code: 4001, reason: 'NODE_LINK_REPLACED' });
    second.send(report(5));
    await second.heard('accepted');
    expect(names()).not.toContain('nodeDisconnected');
  });

  it('does not accept what the farm could not take, nor anything after it', async () => {
    const line = await new Line().greet(await enrolled());
    test.farm.fail.set(
      'nodeReport',
      new CroftError('FARM_STORE_FAILED', { status: 500, exit: EXIT.resource }, 'full'),
    );
    line.send(report(1));
    line.send(report(2));
    expect((await line.gone()).code).toBe(4005);
    expect(line.got.some(({ type }) => type === 'accepted')).toBe(false);
    expect(names().filter((name) => name === 'nodeReport')).toHaveLength(1);
    await expect.poll(() => names().at(-1)).toBe('nodeDisconnected');
  });

  it('writes logs of the attempts it was given, at their offset, and of no others', async () => {
    const line = await new Line().greet(await enrolled());
    const order = {
      attemptId: 9,
      taskId: 19097,
      app: 'blender',
      appVersion: '3.4',
      scenePath: '/s.blend',
      inputsKey: 'k',
      settings: {},
      stage: 'main',
      frameType: 5,
      frames: [{ frameId: 1, first: 1, last: 1, step: 1, tile: 0, tiles: 1 }],
      token: 't',
      frameTimeoutMs: 0,
    };
    test.outlet.toNode('node-1', { type: 'run', order });
    await line.heard('run');
    line.send({ type: 'log', attemptId: 9, offset: 6, text: 'world' });
    line.send({ type: 'log', attemptId: 9, offset: 0, text: 'hello ' });
    line.send({ type: 'log', attemptId: 10, offset: 0, text: 'foreign' });
    line.send(report(3));
    await line.heard('accepted');
    expect(await readFile(join(test.home, 'logs', '19097', '9.log'), 'utf8')).toBe('hello world');
  });

  it('tells nodes when the farm stops', async () => {
    const line = await new Line().greet(await enrolled());
    await test.server.close();
    expect((await line.gone()).code).toBe(1001);
  });
});
