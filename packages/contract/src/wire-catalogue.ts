/**
 * The catalogue at the native API: what the farm can render with, and where.
 *
 *   GET /platforms    PlatformRow[]
 *   GET /catalogue    CatalogueView
 *   POST /tasks/{id}/hardware {ids}   TaskDetail; what waits is rendered on that hardware from now on
 */
import * as z from 'zod';

export const platformRowSchema = z.object({
  /** Number of the platform in the Renderbus API. */
  id: z.int(),
  name: z.string(),
  /** 1 domestic, 2 foreign. */
  zone: z.int(),
  type: z.enum(['cpu', 'gpu', 'still']),
  /** What stands before task ids. */
  prefix: z.string(),
  /** Whether lists for people show it. */
  shown: z.boolean(),
  /** Whether catalogue.json declares it; others are the whole farm. */
  declared: z.boolean(),
  /** Names of its nodes. */
  nodes: z.array(z.string()),
  slots: z.int(),
  /** Slots of nodes that are online. */
  onlineSlots: z.int(),
  running: z.int(),
});
export type PlatformRow = z.infer<typeof platformRowSchema>;

export const catalogueAppSchema = z.object({
  cgId: z.int(),
  /** Folder of the app in Croft; null for one that Croft cannot render with yet. */
  app: z.string().nullable(),
  name: z.string(),
  /** Oldest first; those that nodes have and those that are declared. */
  versions: z.array(z.string()),
  /** Those of `versions` that a node has. */
  installed: z.array(z.string()),
  plugins: z.array(z.object({ id: z.int(), name: z.string(), version: z.string() })),
  onLinux: z.boolean(),
});
export type CatalogueApp = z.infer<typeof catalogueAppSchema>;

export const hardwareRowSchema = z.object({
  id: z.int(),
  platform: z.int(),
  type: z.enum(['cpu', 'gpu']),
  model: z.string(),
  ramGb: z.int(),
  /** Graphics cards; 0 where none is asked for. */
  gpus: z.int(),
  enabled: z.boolean(),
  declared: z.boolean(),
  /** Nodes that fit now, online or not. */
  nodes: z.int(),
  notSupportCgIds: z.array(z.int()),
  notSupportCodes: z.array(z.string()),
  notSupportCgVersions: z.array(z.object({ cgId: z.int(), cgVersionName: z.string() })),
  notSupportPlugins: z.array(z.string()),
});
export type HardwareRow = z.infer<typeof hardwareRowSchema>;

export const nodePackageSchema = z.object({ id: z.int(), name: z.string(), nodes: z.array(z.string()) });
export type NodePackage = z.infer<typeof nodePackageSchema>;

export const catalogueViewSchema = z.object({
  /** The declarations in use; `problem` says why the file as it is now is not. */
  file: z.object({ loadedAt: z.number().nullable(), problem: z.string().nullable() }),
  platforms: z.array(platformRowSchema),
  apps: z.array(catalogueAppSchema),
  hardware: z.array(hardwareRowSchema),
  packages: z.array(nodePackageSchema),
});
export type CatalogueView = z.infer<typeof catalogueViewSchema>;
