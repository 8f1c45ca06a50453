/** A farm whose nodes render without pause, in a process of its own that a test kills. argv: home. */
import { silentLog, systemClock, type ToNode } from '@croft/contract';
import { openFarmInProcess } from '../farm-thread/open-farm-in-process.ts';
import { crashFacts, draftTask, renderOrder } from './crash-work.ts';
import { memoryBlobs } from './memory-blobs.ts';
import { testApp } from './test-app.ts';

const home = process.argv[2]!;
const orders: Extract<ToNode, { type: 'run' }>['order'][] = [];
const farm = await openFarmInProcess({
  home,
  blobs: memoryBlobs(),
  apps: async () => [testApp],
  clock: systemClock,
  log: silentLog,
  outlet: {
    event() {},
    toNode: (_, message) => {
      if (message.type === 'run') orders.push(message.order);
    },
  },
});
const { accountId } = await farm.calls.firstAccount();
const { code } = await farm.calls.createNodeCode(accountId);
const { nodeId } = await farm.calls.enrolNode(code, 'node', Buffer.alloc(32, 7).toString('base64'));
await farm.calls.nodeConnected(nodeId, crashFacts, [], false);
for (let task = 0; task < 3; task++) await draftTask(farm.calls, accountId);
process.stdout.write('working\n');
for (;;) {
  const order = orders.shift();
  if (order) await renderOrder(farm.calls, nodeId, accountId, order);
  else await new Promise((resolve) => setTimeout(resolve, 1));
}
