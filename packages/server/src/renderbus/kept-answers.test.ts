import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aTask } from '../testing/farm-double.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';
import { createKeptAnswers } from './kept-answers.ts';

const LIST = '/api/render/handle/getTaskList/v2';

describe('at the door', () => {
  let test: TestServer;
  beforeAll(async () => {
    test = await startTestServer();
  });
  afterAll(() => test.close());
  beforeEach(() => {
    test.farm.tasks.splice(0, Number.POSITIVE_INFINITY, aTask());
  });
  const total = async (body: object = {}) => (await test.call(LIST, body)).data.total;

  it('an answer is given again until something is committed, to the same question only', async () => {
    test.farm.version = 1;
    expect(await total()).toBe(1);
    test.farm.tasks.push(aTask({ id: 20_000 }));
    expect(await total()).toBe(1);
    expect(await total({ pageNum: 1 })).toBe(2);
    test.farm.version = 2;
    expect(await total()).toBe(2);
  });

  it('the envelope around it is each call’s own', async () => {
    test.farm.version = 3;
    const first = await test.call(LIST);
    const again = await test.call(LIST);
    expect(again.data).toEqual(first.data);
    expect(Object.keys(again)).toEqual(Object.keys(await test.call('/api/render/setUp/queryUserProfile')));
    expect(again.requestId).not.toBe(first.requestId);
  });

  it('nothing is kept where the store cannot tell its version', async () => {
    test.farm.version = null;
    expect(await total()).toBe(1);
    test.farm.tasks.push(aTask({ id: 20_000 }));
    expect(await total()).toBe(2);
  });

  it('a question out of order is refused each time', async () => {
    test.farm.version = 4;
    expect((await test.call(LIST, { pageNum: 'x' })).code).toBe(600);
    expect((await test.call(LIST, { pageNum: 'x' })).code).toBe(600);
  });
});

describe('kept answers', () => {
  let now = 0;
  const clock = { now: () => now } as Parameters<typeof createKeptAnswers>[1];
  const kept = () => createKeptAnswers({ version: async () => 7 }, clock);
  const counted = (size = 1) => {
    const made = {
      times: 0,
      make: async () => {
        made.times += 1;
        return 'x'.repeat(size);
      },
    };
    return made;
  };

  it('grow old within a second', async () => {
    const { of } = kept();
    const made = counted();
    await of('q', made.make);
    now += 999;
    await of('q', made.make);
    expect(made.times).toBe(1);
    now += 1;
    await of('q', made.make);
    expect(made.times).toBe(2);
  });

  it('are made once for all who ask at the same moment; an error is told to all and not kept', async () => {
    const { of } = kept();
    const made = counted();
    const [one, two] = await Promise.all([of('q', made.make), of('q', made.make)]);
    expect(one).toBe(two);
    const failing = () => Promise.reject(new Error('no'));
    await expect(Promise.all([of('f', failing), of('f', failing)])).rejects.toThrow('no');
    expect((await of('f', made.make)).bytes.toString()).toContain('x');
  });

  it('take a bounded memory: the one that was longest not asked for goes, and a huge one at once', async () => {
    const { of } = kept();
    const often = counted();
    const rare = counted();
    const huge = counted(3_000_000);
    await of('often', often.make);
    await of('rare', rare.make);
    for (let at = 0; at < 20; at++) {
      await of(`many ${at}`, counted(1_000_000).make);
      await of('often', often.make);
    }
    await of('rare', rare.make);
    expect([often.times, rare.times]).toEqual([1, 2]);
    await of('huge', huge.make);
    await of('huge', huge.make);
    expect(huge.times).toBe(2);
  });
});
