/** Frames without an application: a hand-driven node that sends a small text for each frame and reports it as rendered. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, systemClock } from '@croft/contract';
import { TransferClient } from '@croft/transfer';
import { atEnd } from './croft.ts';
import type { TestFarm } from './farm.ts';
import { HandDrivenNode } from './hand-driven-node.ts';

export class HandRenderer {
  readonly #farm: TestFarm;
  readonly #node: HandDrivenNode;
  readonly #seen = new Set<number>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'croft-hand-'));

  constructor(farm: TestFarm) {
    this.#farm = farm;
    this.#node = new HandDrivenNode(farm.url);
    atEnd(async () => {
      await this.#node.disconnect().catch(() => {});
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  async join(): Promise<void> {
    await this.#node.enrol((await this.#farm.json<{ code: string }>('node-code')).code);
    await this.#node.connect([]);
  }

  /** Takes no orders until `awake`; what was ordered and not begun is taken back. */
  async asleep(): Promise<void> {
    await this.#node.disconnect();
  }
  async awake(): Promise<void> {
    await this.#node.connect([]);
  }

  /** Renders the next `frames` frames that the farm orders; `done` is told of each before the next one begins. */
  async render(frames: number, done: (file: string) => Promise<unknown> = async () => {}): Promise<void> {
    const node = this.#node;
    for (let left = frames; left > 0; ) {
      const { order } = await node.message('run', (message) => !this.#seen.has(message.order.attemptId));
      const { attemptId, token } = order;
      this.#seen.add(attemptId);
      await node.report({ kind: 'attempt-started', attemptId, at: Date.now() });
      const client = new TransferClient({
        baseUrl: this.#farm.url,
        authorise: () => ({ authorization: `Bearer ${token}` }),
        clock: systemClock,
        log: silentLog,
      });
      for (const { frameId } of order.frames) {
        const at = Date.now();
        await node.report({ kind: 'frame-started', attemptId, frameId, at });
        const treePath = `/frame ${frameId}.txt`;
        const localPath = join(this.#folder, `${frameId}.txt`);
        writeFileSync(localPath, `frame ${frameId} of ${order.taskId}`);
        const [sent] = await client.sendOutputs([{ localPath, treePath }]);
        await node.report({
          kind: 'frame-done',
          attemptId,
          frameId,
          startedAt: at,
          endedAt: Date.now(),
          results: [
            {
              ...sent!,
              frame: null,
              format: 'txt',
              width: null,
              height: null,
              kind: 'data',
              layer: null,
              camera: null,
              of: null,
            },
          ],
          peakMemoryBytes: null,
        });
        left -= 1;
        await done(treePath.slice(1));
        // What an attempt ends without goes back to the farm.
        if (left === 0) break;
      }
      await client.close();
      await node.report({ kind: 'attempt-ended', attemptId, at: Date.now(), reason: 'done' });
    }
  }

  /**
   * Reports the next `faults` frames of the task as failed by their scene; the third such fault of a frame is final. What was
   * ordered of other tasks goes back.
   */
  async fail(taskId: number, faults: number): Promise<void> {
    const node = this.#node;
    for (let left = faults; left > 0; ) {
      const { order } = await node.message('run', (message) => !this.#seen.has(message.order.attemptId));
      const { attemptId } = order;
      this.#seen.add(attemptId);
      await node.report({ kind: 'attempt-started', attemptId, at: Date.now() });
      for (const { frameId } of order.taskId === taskId ? order.frames : []) {
        const at = Date.now();
        const failure = { failure: 'scene', code: 'HAND_FAILED', reason: 'it was told to fail' } as const;
        await node.report({
          kind: 'frame-failed',
          attemptId,
          frameId,
          startedAt: at,
          endedAt: at,
          ...failure,
        });
        left -= 1;
        if (left === 0) break;
      }
      await node.report({ kind: 'attempt-ended', attemptId, at: Date.now(), reason: 'failed' });
    }
  }
}
