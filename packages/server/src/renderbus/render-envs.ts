/** Render environments in the API's words: the request that two generations share, and the reply's object. */
import type { RenderEnv, RenderEnvWish } from '@croft/farm';
import * as z from 'zod';
import { int, ints, optional, text } from './fields.ts';
import { pluginVersion } from './software.ts';

/** Body of add and edit. Documents print numbers as text in places; an empty `pluginIds` may be left out. */
export const renderEnvRequest = z.object({
  cgId: int,
  cgName: text,
  cgVersion: text,
  editName: text,
  /** 0 Linux, 1 Windows. */
  renderSystem: int.pipe(z.int().min(0).max(1)),
  pluginIds: optional(ints),
  renderLayerType: optional(int.pipe(z.int().min(0).max(1))),
  projectPath: optional(text),
});

export function wishOf(body: z.infer<typeof renderEnvRequest>): RenderEnvWish {
  return {
    cgId: body.cgId,
    cgName: body.cgName,
    cgVersion: body.cgVersion,
    editName: body.editName,
    osName: body.renderSystem,
    renderLayerType: body.renderLayerType ?? 0,
    projectPath: body.projectPath ?? '',
    pluginIds: body.pluginIds ?? [],
  };
}

/** The API's RenderEnv object (compat-api, section 3.2). */
export function renderEnv(env: RenderEnv) {
  return {
    cgId: env.cgId,
    editName: env.editName,
    cgName: env.cgName,
    cgVersion: env.cgVersion,
    osName: env.osName,
    renderLayerType: env.renderLayerType,
    isDefault: env.isDefault ? 1 : 0,
    projectPath: env.projectPath,
    isMainUserId: env.isOfMainAccount ? 1 : 0,
    respUserPluginInfoVos: env.plugins.map(pluginVersion),
  };
}
