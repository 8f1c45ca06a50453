/** A priced farm with real frames: nothing is rendered without money, a top-up lets it go on, and every figure agrees. */
import { join } from 'node:path';
import {
  type MoneyStanding,
  type Page,
  type StatementLine,
  silentLog,
  type TaskDetail,
} from '@croft/contract';
import { RayvisionAPI } from '@croft/sdk';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { eventually, temporaryFolder } from './support/croft.ts';
import { startFarm, type TestFarm } from './support/farm.ts';
import { describeWith } from './support/tools.ts';

const SCENE = `animate(card('Card', glowing('White'), size=2))
scene.frame_end = 2
save(os.path.join(FOLDER, 'shot.blend'))`;
const ARREARS = 20;
const DONE = 25;

async function apiOf(farm: TestFarm): Promise<RayvisionAPI> {
  const key = await farm.json<{ accessId: string; accessKey: string }>('keys', 'create', '--home', farm.home);
  const domain = new URL(farm.url).host;
  return new RayvisionAPI({
    ...key,
    domain,
    protocol: 'http',
    platform: '2',
    generation: 2,
    logger: silentLog,
  });
}

interface Figures {
  renderConsume: number;
  userAccountConsume: number;
  couponConsume: number;
  taskArrears: number;
}

describeWith(['blender'], 'money', () => {
  let scene: string;
  let farm: TestFarm;
  beforeAll(async () => {
    const folder = temporaryFolder();
    makeScene(folder, SCENE);
    scene = join(folder, 'shot.blend');
    farm = await startFarm();
  });

  it('stops a task that nobody pays for, goes on after a top-up, and is the same in API, statement and balance', async () => {
    await farm.json('money', 'price', '360', '--per', 'node-hour');
    // Where the stop comes before the command looks, it ends with 4: there will be no frames.
    const submitted = await farm.run('render', scene, '--detach', '--json');
    expect([0, 4]).toContain(submitted.code);
    const { taskId } = JSON.parse(submitted.stdout) as { taskId: number };
    const detail = () => farm.json<TaskDetail>('task', String(taskId));
    await eventually('the stop for arrears', async () => (await detail()).status === ARREARS);
    expect((await detail()).frames).toMatchObject({ total: 2, stopped: 2, running: 0 });

    await farm.json('money', 'voucher', 'admin', '0.01');
    await farm.json('money', 'top-up', 'admin', '50', '--reference', 'invoice');
    await farm.json('money', 'top-up', 'admin', '50', '--reference', 'invoice');
    await eventually('its frames', async () => (await detail()).status === DONE);

    const api = await apiOf(farm);
    const [info] = (await api.query.taskInfo([taskId])).items as unknown as Figures[];
    const frames = (await api.query.taskFrames(taskId)).items as unknown as {
      feeAmount: number;
      couponFee: number;
      framePrice: number;
    }[];
    const profile = (await api.user.queryUserProfile()) as unknown as { usdbalance: number; coupon: number };
    const standing = await farm.json<MoneyStanding>('money', 'show', 'admin');
    const statement = await farm.json<Page<StatementLine>>('money', 'statement', 'admin');

    expect(info).toMatchObject({ couponConsume: 0.01, taskArrears: 0 });
    const micros = (amount: number) => Math.round(amount * 1e6);
    const sum = (amounts: number[]) => amounts.reduce((all, one) => all + micros(one), 0);
    const paid = micros(info!.userAccountConsume);
    expect(paid).toBeGreaterThan(0);
    expect(micros(info!.renderConsume)).toBe(paid + 10_000);
    expect(sum(frames.map(({ feeAmount }) => feeAmount))).toBe(paid);
    expect(sum(frames.map(({ couponFee }) => couponFee))).toBe(10_000);
    expect(frames.map(({ framePrice }) => framePrice)).toEqual([360, 360]);
    expect(micros(profile.usdbalance)).toBe(50_000_000 - paid);
    expect(profile.coupon).toBe(0);
    expect(micros(Number(standing.balance))).toBe(50_000_000 - paid);
    // A frame that ends between the voucher and the top-up is owed for a moment, then settled.
    const kinds = statement.items.map(({ kind }) => kind).filter((kind) => kind !== 'settle');
    expect(kinds.sort()).toEqual(['charge', 'charge', 'top-up', 'voucher']);
    expect(sum(statement.items.map(({ balance }) => Number(balance)))).toBe(50_000_000 - paid);
  });
});
