/** What the farm can render with and where: platforms, catalogue, render environments, hardware of a task. */
import { catalogueViewSchema, platformRowSchema, taskDetailSchema } from '@croft/contract';
import type { FarmCalls } from '@croft/farm';
import * as z from 'zod';
import { defineRoute, type NativeRoute } from './route.ts';
import { shownAs } from './shown.ts';

const ADMIN = 'admin';
const MOST_PLUGINS = 1000;
const word = z.string().min(1).max(255);
const envName = z.object({ editName: word });

/** A render environment as it is listed. */
const renderEnvSchema = z.object({
  cgId: z.int(),
  cgName: z.string(),
  cgVersion: z.string(),
  editName: z.string(),
  /** 0 Linux, 1 Windows. */
  osName: z.int(),
  renderLayerType: z.int(),
  projectPath: z.string(),
  plugins: z.array(z.object({ id: z.int(), name: z.string(), version: z.string() })),
  isDefault: z.boolean(),
  isOfMainAccount: z.boolean(),
});

const envWish = z.object({
  cgId: z.int().nonnegative(),
  cgName: word,
  cgVersion: word,
  editName: word,
  osName: z.int().min(0).max(1).default(0),
  renderLayerType: z.int().min(0).max(1).default(0),
  projectPath: z.string().max(4096).default(''),
  pluginIds: z.array(z.int()).max(MOST_PLUGINS).default([]),
});

export const catalogueRoutes: readonly NativeRoute[] = [
  defineRoute({
    method: 'GET',
    path: '/platforms',
    summary: 'Pools of nodes under the numbers that tasks are created with',
    answers: { json: z.array(platformRowSchema) },
    handle: async ({ parts }) =>
      (await parts.reads.platforms()).map((row) => shownAs(platformRowSchema, row)),
  }),
  defineRoute({
    method: 'GET',
    path: '/catalogue',
    summary:
      'Software, platforms, hardware and packages of nodes; packages of others are for administrators only',
    answers: { json: catalogueViewSchema },
    async handle({ caller, parts }) {
      const view = await parts.reads.catalogue();
      if (caller.role === ADMIN) return view;
      const own = new Set(
        (await parts.reads.nodePackages(caller.accountId)).map(({ packNodeId }) => packNodeId),
      );
      const file = { loadedAt: view.file.loadedAt, problem: null };
      return { ...view, file, packages: view.packages.filter(({ id }) => own.has(id)) };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/tasks/{id}/hardware',
    summary: 'Renders what waits on other hardware, one of those named; what renders goes on',
    params: z.object({ id: z.coerce.number().int().nonnegative() }),
    body: z.object({ ids: z.array(z.int()).min(1).max(1000) }),
    answers: { json: taskDetailSchema },
    async handle({ caller, params, body, parts }) {
      await parts.calls.editTaskHardware(caller.accountId, [params.id], { ids: body.ids });
      return shownAs(taskDetailSchema, await parts.reads.task(caller.accountId, params.id));
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/render-envs',
    summary: 'Render environments of the account and of its main account',
    answers: { json: z.array(renderEnvSchema) },
    handle: async ({ caller, parts }) => parts.reads.renderEnvs(caller.accountId, { cgIds: [] }),
  }),
  envRoute('', 'Adds a render environment; the same again does no harm', envWish, (calls, accountId, wish) =>
    calls.addRenderEnv(accountId, wish),
  ),
  envRoute('/change', 'Changes the render environment of that name', envWish, (calls, accountId, wish) =>
    calls.updateRenderEnv(accountId, wish),
  ),
  envRoute('/delete', 'Deletes a render environment', envName, (calls, accountId, { editName }) =>
    calls.deleteRenderEnv(accountId, editName),
  ),
  envRoute(
    '/default',
    'Makes a render environment the default of its app',
    envName,
    (calls, accountId, { editName }) => calls.setDefaultRenderEnv(accountId, editName),
  ),
];

function envRoute<Body extends z.ZodType<{ editName: string }>>(
  end: string,
  summary: string,
  body: Body,
  make: (calls: FarmCalls, accountId: number, wish: z.infer<Body>) => Promise<void>,
): NativeRoute {
  return defineRoute({
    method: 'POST',
    path: `/render-envs${end}`,
    summary,
    body,
    answers: { json: envName },
    async handle({ caller, body: wish, parts }) {
      await make(parts.calls, caller.accountId, wish);
      return { editName: wish.editName };
    },
  });
}
