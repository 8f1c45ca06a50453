/**
 * Writes the newest schema with what a small farm kept in it, for the test that migrates from every released schema:
 * `node packages/farm/src/testing/write-schema-dump.ts > packages/farm/src/store/released/schema-N.sql`. To be run once,
 * when schema N is released; the file is never written again.
 */
import { stdout } from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { farmHome } from '../home.ts';
import { TestFarm } from './test-farm.ts';

/** A farm that has done some of everything that leaves rows. */
async function farmAtWork(): Promise<TestFarm> {
  const farm = await TestFarm.open();
  await farm.calls.addProject(farm.accountId, 'film');
  await farm.calls.createKey(farm.accountId, 'a key');
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1-10' });
  await node.renderAll();
  await farm.calls.restartFrames(farm.accountId, taskId);
  await farm.turn(100);
  const [order] = node.orders.slice(-1);
  await node.started(order!, order!.frames[0]!);
  await node.done(order!, order!.frames[0]!);
  await farm.submit({ frames: '1-1000000' });
  await farm.draft();
  return farm;
}

function literal(value: unknown): string {
  if (value === null) return 'NULL';
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

function dumpOf(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true });
  const made = database
    .prepare("select name, type, sql from sqlite_master where sql is not null and name not like 'sqlite_%'")
    .all() as { name: string; type: string; sql: string }[];
  const lines = made.filter(({ type }) => type === 'table').map(({ sql }) => `${oneLine(sql)};`);
  for (const { name } of made.filter(({ type }) => type === 'table')) {
    for (const row of database.prepare(`select * from "${name}"`).all())
      lines.push(`INSERT INTO "${name}" VALUES(${Object.values(row).map(literal).join(',')});`);
  }
  lines.push(...made.filter(({ type }) => type !== 'table').map(({ sql }) => `${oneLine(sql)};`));
  database.close();
  return `${lines.join('\n')}\n`;
}

function oneLine(sql: string): string {
  return sql.replace(/\s+/g, ' ');
}

const farm = await farmAtWork();
try {
  stdout.write(dumpOf(farmHome(farm.home).database));
} finally {
  await farm.end();
}
