/** Every money field of the API shows what the farm's reads say, as numbers or as the text that a reply has. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { aFrame, aTask } from '../testing/farm-double.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const TASK_MONEY = {
  renderConsume: 1.57,
  taskArrears: 0.02,
  userAccountConsume: 0.5,
  couponConsume: 1,
  qyCouponConsume: 0.05,
};
const FRAME_MONEY = { feeAmount: 0.207, couponFee: 0.007, arrearsFee: 0.02, framePrice: 20, feeType: 2 };

let test: TestServer;
beforeEach(async () => {
  test = await startTestServer();
  test.farm.tasks.push(aTask({ money: TASK_MONEY, children: [aTask({ id: 5, money: TASK_MONEY })] }));
  test.farm.frames.push(
    aFrame({ money: FRAME_MONEY }),
    aFrame({ id: 4098, frameIndex: '2', money: { ...FRAME_MONEY, feeAmount: 1, couponFee: 0.0001 } }),
  );
});
afterEach(() => test.close());

const dataOf = async (path: string, body: object) => (await test.call(path, body)).data;

it('of tasks and their children, in list and info', async () => {
  const [info] = (await dataOf('/api/render/handle/queryTaskInfo/v2', { taskIds: [19097] })).items;
  expect(info).toMatchObject(TASK_MONEY);
  expect(info.respRenderingTaskList[0]).toMatchObject(TASK_MONEY);
  const [listed] = (await dataOf('/api/render/handle/getTaskList/v2', {})).items;
  expect(listed).toMatchObject(TASK_MONEY);
});

it('of frames', async () => {
  const { items } = await dataOf('/api/render/handle/queryTaskFrames', { taskId: 19097 });
  expect(items[0]).toMatchObject(FRAME_MONEY);
});

it('of the progress picture, as text; the dearest frame is marked', async () => {
  const { grabInfo } = await dataOf('/api/render/handle/loadTaskProcessImg', { taskId: 19097, frameType: 5 });
  expect(grabInfo.flat()).toMatchObject([
    { feeAmount: '0.207', couponFee: '0.007', isMaxPrice: '0' },
    { feeAmount: '1.00', couponFee: '0.0001', isMaxPrice: '1' },
  ]);
});

it('of the profile', async () => {
  const money = {
    rmbbalance: 0,
    usdbalance: 12.5,
    rmbCumulative: 0,
    usdCumulative: 20,
    credit: 3,
    coupon: 49.93,
    cpuPrice: 0.67,
    gpuPrice: 20,
  };
  test.farm.reads.accountMoney = async () => money;
  expect(await dataOf('/api/render/setUp/queryUserProfile', {})).toMatchObject(money);
});

it('of folders in the output listing: those of tasks that owe money', async () => {
  test.farm.reads.outputsInArrears = async () => new Set(['19097_cube']);
  test.farm.reads.treeFolder = async () => [
    { name: '19097_cube', size: null, mtimeMs: 1 },
    { name: '5_cube', size: null, mtimeMs: 1 },
  ];
  const rows = await dataOf('/api/render/file/operate/getOutputUserDirFile', { treePath: '/' });
  expect(rows.map((row: { isArrears: number }) => row.isArrears)).toEqual([1, 0]);
});
