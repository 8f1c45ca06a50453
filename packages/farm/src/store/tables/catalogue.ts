/** Columns and tables of the catalogue, platforms, hardware and render environments. */
import type { Generated } from 'kysely';

/** Where a task may be rendered. */
export interface TaskPlaceColumns {
  /** Number of the platform that it was created with; 0: none, so every node. */
  platform: Generated<number>;
  /** json: `Placement`, frozen at submit; changed with its hardware. */
  placement: Generated<string>;
  /** The render environment that decided its version and plug-ins; '' for none. */
  edit_name: Generated<string>;
}

/** The declarations in use: one row with id 1, none before catalogue.json was read for the first time. */
export interface CatalogueTable {
  id: number;
  /** json: `CatalogueFile`. */
  declared: string;
  /** Why the file as it is now is not in use; null: it is. */
  problem: string | null;
  /** Counts its changes. */
  version: number;
  loaded_at: number;
}

export interface RenderEnvsTable {
  account_id: number;
  edit_name: string;
  cg_id: number;
  cg_name: string;
  cg_version: string;
  /** 0 Linux, 1 Windows. */
  os_name: number;
  render_layer_type: number;
  project_path: string;
  /** json: `EnvPlugin[]`, as they were when they were chosen. */
  plugins: string;
  is_default: number;
  changed_at: number;
  /** A deleted one is kept for a moment, so that a delete that is sent again finds it. */
  deleted_at: number | null;
}

export interface CatalogueTables {
  catalogue: CatalogueTable;
  render_envs: RenderEnvsTable;
}
