/**
 * The peer of bench/api.ts: a bare Fastify handler with the same SELECTs as the two calls, prepared once, and the same objects built from
 * the rows; no signature, no accounts, no checks. `/same/*` answers bytes made before.
 *
 *     node packages/server/src/testing/bare-api.ts DATABASE TEMPLATES
 *
 * TEMPLATES is a file with `{tasks, frames}`, one real answer of each, whose objects give the constant fields.
 */
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import Fastify from 'fastify';

const [file, templates] = process.argv.slice(2);
const database = new DatabaseSync(file!, { readOnly: true });
const answers = JSON.parse(readFileSync(templates!, 'utf8')) as Record<
  'tasks' | 'frames',
  { data: { items: Record<string, unknown>[] } }
>;

const count = database.prepare(
  'select count(*) as total from tasks where account_id = ? and parent_id = 0 and submitted_at is not null and deleted_at is null',
);
const ids = database.prepare(
  `select id from tasks where account_id = ? and parent_id = 0 and submitted_at is not null and deleted_at is null
   order by id desc limit 100 offset ?`,
);
const hundred = Array(100).fill('?').join(', ');
const page = database.prepare(`select * from tasks where id in (${hundred}) order by id desc`);
const segments = database.prepare(`select * from segments where task_id in (${hundred}) order by position`);
const thumbnails = database.prepare(
  `select id, (select capability from results where results.task_id = tasks.id and kind = 'thumbnail'
   order by published_at desc limit 1) as capability from tasks where id in (${hundred})`,
);
const segmentOf = database.prepare('select * from segments where task_id = ?');
const frames = database.prepare('select * from frames where id >= ? and id < ?');

function tasksAnswer(accountId: number, pageNum: number): string {
  const { total } = count.get(accountId) as { total: number };
  const listed = ids.all(accountId, (pageNum - 1) * 100).map(({ id }) => Number(id));
  const rows = page.all(...listed) as Record<string, number | string>[];
  const sizes = new Map(segments.all(...listed).map((row) => [row.task_id, row]));
  thumbnails.all(...listed);
  const template = answers.tasks.data.items[0]!;
  const items = rows.map((row) => ({
    ...template,
    id: row.id,
    sceneName: row.scene_name,
    taskAlias: `2W${row.id}`,
    taskStatus: row.status,
    statusText: `render_task_status_${row.status}`,
    totalFrames: sizes.get(row.id!)?.size,
    framesRange: row.frames_range,
    submitDate: row.submitted_at,
    outputFileName: row.output_name,
  }));
  return envelope({ pageCount: Math.ceil(total / 100), pageNum, total, size: 100, items });
}

function framesAnswer(taskId: number, pageNum: number): string {
  const segment = segmentOf.get(taskId) as { base: number; size: number };
  const first = segment.base + (pageNum - 1) * 100;
  const rows = frames.all(first, first + 100);
  const template = answers.frames.data.items[0]!;
  const items = rows.map((row) => ({
    ...template,
    id: row.id,
    frameIndex: String(Number(row.id) - segment.base + 1),
    frameStatus: row.status,
    startTime: row.started_at,
    endTime: row.ended_at,
  }));
  return envelope({ pageCount: segment.size / 100, pageNum, total: segment.size, size: 100, items });
}

function envelope(data: object): string {
  const head = { version: '2.0.0', result: true, message: 'success', code: 200 };
  return JSON.stringify({ ...head, serverTime: Date.now(), data, requestId: 'abcdef-Q3JvZnQ-1700000000000' });
}

const app = Fastify({ logger: false });
const json = 'application/json; charset=utf-8';
app.post<{ Body: { accountId: number; pageNum: number } }>('/tasks', async (request, reply) =>
  reply.header('content-type', json).send(tasksAnswer(request.body.accountId, request.body.pageNum)),
);
app.post<{ Body: { taskId: number; pageNum: number } }>('/frames', async (request, reply) =>
  reply.header('content-type', json).send(framesAnswer(request.body.taskId, request.body.pageNum)),
);
for (const name of ['tasks', 'frames'] as const) {
  const bytes = JSON.stringify(answers[name]);
  app.post(`/same/${name}`, async (_request, reply) => reply.header('content-type', json).send(bytes));
}
await app.listen({ port: 0, host: '127.0.0.1' });
const address = app.server.address();
process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
process.on('SIGTERM', () => process.exit(0));
