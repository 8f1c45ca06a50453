/** A node driven by hand, message by message: what a real node would never do can be done with it. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { cpus, totalmem } from 'node:os';
import {
  type AttemptOrder,
  enrolReplySchema,
  type FromNode,
  linkProofText,
  type NodeFacts,
  type NodeReport,
  type ToNode,
  toNodeSchema,
} from '@croft/contract';

const FACTS: NodeFacts = {
  name: 'hand-driven',
  os: 'linux',
  arch: 'x64',
  version: '0.1.0',
  cpuModel: cpus()[0]?.model ?? 'unknown',
  cpuThreads: 2,
  memoryBytes: totalmem(),
  gpus: [],
  diskFreeBytes: 10_000_000_000,
  slots: 1,
  apps: [{ app: 'blender', version: '3.4.1', abilities: ['cycles'] }],
};

export class HandDrivenNode {
  readonly #url: string;
  readonly #key = generateKeyPairSync('ed25519');
  #nodeId = '';
  #socket: WebSocket | null = null;
  #seq = 0;
  readonly received: ToNode[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(url: string) {
    this.#url = url;
  }

  async enrol(code: string): Promise<void> {
    const publicKey = this.#key.publicKey
      .export({ format: 'der', type: 'spki' })
      .subarray(-32)
      .toString('base64');
    const reply = await fetch(new URL('/node/v1/enrol', this.#url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code, name: FACTS.name, publicKey }),
    });
    if (!reply.ok) throw new Error(`enrolment failed: ${await reply.text()}`);
    this.#nodeId = enrolReplySchema.parse(await reply.json()).nodeId;
  }

  /** Links up and says which attempts it holds; a draining node gets no new orders. */
  async connect(liveAttempts: number[], draining = false): Promise<void> {
    const socket = new WebSocket(new URL('/node/v1/link', this.#url.replace('http', 'ws')));
    this.#socket = socket;
    this.received.length = 0;
    socket.addEventListener('message', ({ data }) => {
      const message = toNodeSchema.parse(JSON.parse(String(data)));
      if (message.type === 'challenge') this.#prove(message.nonce);
      if (message.type === 'welcome') {
        this.#send({ type: 'hello', facts: FACTS, liveAttempts, draining });
      }
      this.received.push(message);
      for (const wake of this.#waiting) wake();
    });
    await this.message('welcome');
  }

  async disconnect(): Promise<void> {
    const socket = this.#socket!;
    const closed = new Promise((done) => socket.addEventListener('close', done, { once: true }));
    socket.close();
    await closed;
  }

  /** The first message of a kind, waiting for it where it has not come yet. */
  async message<Type extends ToNode['type']>(
    type: Type,
    fits: (message: Extract<ToNode, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<ToNode, { type: Type }>> {
    for (;;) {
      for (const message of this.received) {
        if (message.type !== type) continue;
        const found = message as Extract<ToNode, { type: Type }>;
        if (fits(found)) return found;
      }
      await new Promise<void>((done) => {
        const wake = () => {
          this.#waiting.delete(wake);
          done();
        };
        this.#waiting.add(wake);
      });
    }
  }

  async order(): Promise<AttemptOrder> {
    return (await this.message('run')).order;
  }

  /** Sends a report and waits until the farm has answered it. */
  async report(report: NodeReport): Promise<void> {
    this.#seq += 1;
    const seq = this.#seq;
    this.#send({ type: 'report', seq, report });
    await this.message('accepted', (message) => message.seq === seq);
  }

  #prove(nonce: string): void {
    const signature = sign(null, Buffer.from(linkProofText(nonce)), this.#key.privateKey).toString('base64');
    this.#send({ type: 'prove', nodeId: this.#nodeId, signature });
  }

  #send(message: FromNode): void {
    this.#socket!.send(JSON.stringify(message));
  }
}
