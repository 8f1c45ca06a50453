/** Every route of `/api/v1`, in the order of the OpenAPI document. */
import {
  frameRowSchema,
  nodeCodeSchema,
  nodeRowSchema,
  pageOf,
  resultRowSchema,
  taskDetailSchema,
  taskSummarySchema,
} from '@croft/contract';
import * as z from 'zod';
import { accountRoutes, assetRoutes, keyRoutes } from './accounts.ts';
import { catalogueRoutes } from './catalogue.ts';
import { sendEvents } from './events.ts';
import { fileRoutes } from './files.ts';
import { logQuerySchema, sendLog } from './log.ts';
import { moneyRoutes } from './money.ts';
import { sendResultFile } from './result-file.ts';
import { defineRoute, type NativeRoute } from './route.ts';
import { shownAs, shownPage } from './shown.ts';
import { signInRoutes } from './sign-in.ts';
import { steeringRoutes } from './steering.ts';
import { taskChangeRoutes } from './task-changes.ts';

const LARGEST_PAGE = 1000;

const page = z.coerce.number().int().min(1).default(1);
const size = z.coerce.number().int().min(1).max(LARGEST_PAGE).default(50);
const id = z.coerce.number().int().nonnegative();
const statuses = z
  .string()
  .regex(/^\d{1,3}(,\d{1,3}){0,20}$/)
  .transform((text) => text.split(',').map(Number))
  .optional();
const taskParams = z.object({ id });

export const nativeRoutes: readonly NativeRoute[] = [
  defineRoute({
    method: 'GET',
    path: '/tasks',
    summary:
      'Tasks that the caller is shown, newest first: its own and those of its team; of one account with `account`',
    query: z.object({
      page,
      size,
      status: statuses,
      search: z.string().max(200).optional(),
      label: z.string().max(255).optional(),
      account: id.optional(),
    }),
    answers: { json: pageOf(taskSummarySchema) },
    async handle({ caller, query, parts }) {
      const { page, size, status, search, label, account } = query;
      const tasks = await parts.reads.listTasks(caller.accountId, {
        page,
        size,
        ...(status === undefined ? {} : { statuses: status }),
        ...(search === undefined || search === '' ? {} : { search }),
        ...(label === undefined || label === '' ? {} : { label }),
        ...(account === undefined ? {} : { ownerId: account }),
      });
      return shownPage(taskSummarySchema, tasks);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/tasks/{id}',
    summary: 'One task with its failures and what it waits for',
    params: taskParams,
    answers: { json: taskDetailSchema },
    handle: async ({ caller, params, parts }) =>
      shownAs(taskDetailSchema, await parts.reads.task(caller.accountId, params.id)),
  }),
  defineRoute({
    method: 'GET',
    path: '/tasks/{id}/frames',
    summary: 'Frames of a task, in the order they were asked for',
    params: taskParams,
    query: z.object({ page, size, status: statuses }),
    answers: { json: pageOf(frameRowSchema) },
    async handle({ caller, params, query: { page, size, status }, parts }) {
      const frames = await parts.reads.frames(caller.accountId, params.id, {
        page,
        size,
        ...(status === undefined ? {} : { statuses: status }),
      });
      return shownPage(frameRowSchema, frames);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/tasks/{id}/results',
    summary: 'Published files of a task; with `since` only those published from then on, in that order',
    params: taskParams,
    query: z.object({
      page,
      size,
      frame: id.optional(),
      since: id.optional(),
      thumbnails: z.enum(['0', '1']).default('1'),
    }),
    answers: { json: pageOf(resultRowSchema) },
    async handle({ caller, params, query, parts }) {
      const results = await parts.reads.results(caller.accountId, params.id, query.page, query.size, {
        thumbnails: query.thumbnails === '1',
        ...(query.frame === undefined ? {} : { frameId: query.frame }),
        ...(query.since === undefined ? {} : { since: query.since }),
      });
      return shownPage(resultRowSchema, results);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/tasks/{id}/results/file',
    summary: 'The bytes of one published file, verified while they are sent',
    params: taskParams,
    query: z.object({ path: z.string().min(1).max(4096), inline: z.enum(['0', '1']).optional() }),
    answers: { type: 'application/octet-stream' },
    handle: sendResultFile,
  }),
  defineRoute({
    method: 'GET',
    path: '/tasks/{id}/log',
    summary: "Log of a frame's newest attempt, or what came since an earlier answer",
    params: taskParams,
    query: logQuerySchema,
    answers: { type: 'text/plain; charset=utf-8' },
    handle: sendLog,
  }),
  ...steeringRoutes,
  ...catalogueRoutes,
  ...taskChangeRoutes,
  defineRoute({
    method: 'GET',
    path: '/nodes',
    summary: 'Nodes of the farm',
    answers: { json: z.array(nodeRowSchema) },
    handle: async ({ parts }) => (await parts.reads.nodes()).map((node) => shownAs(nodeRowSchema, node)),
  }),
  defineRoute({
    method: 'GET',
    path: '/events',
    summary: "Live events of the caller's tasks and of nodes; each `data` is one FarmEvent",
    answers: { type: 'text/event-stream' },
    handle: sendEvents,
  }),
  ...accountRoutes,
  ...keyRoutes,
  ...assetRoutes,
  ...fileRoutes,
  ...moneyRoutes,
  defineRoute({
    method: 'POST',
    path: '/node-codes',
    summary: 'Makes a short-lived code with which one node enrols',
    answers: { json: nodeCodeSchema },
    handle: async ({ caller, parts }) => ({
      ...(await parts.calls.createNodeCode(caller.accountId)),
      url: parts.toldUrl(),
    }),
  }),
  ...signInRoutes,
];
