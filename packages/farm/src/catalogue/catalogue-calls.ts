/** What users change about render environments and the hardware of their tasks. */
import type { CallParts } from '../call-parts.ts';
import { editTaskHardware, type HardwareEdit } from './edit-hardware.ts';
import {
  addRenderEnv,
  deleteRenderEnv,
  type RenderEnvWish,
  setDefaultRenderEnv,
  updateRenderEnv,
} from './render-envs.ts';

export interface CatalogueCalls {
  /**
   * Idempotent for the same environment. FARM_ENV_EXISTS for another one of that name, FARM_NOT_FOUND for an app or a
   * plug-in that the farm does not know.
   */
  addRenderEnv(accountId: number, wish: RenderEnvWish): Promise<void>;
  /** Changes the account's own environment `editName`. FARM_ENV_UNKNOWN (404). */
  updateRenderEnv(accountId: number, wish: RenderEnvWish): Promise<void>;
  /** FARM_ENV_UNKNOWN (404); a call that comes again within a minute succeeds. */
  deleteRenderEnv(accountId: number, editName: string): Promise<void>;
  /** Makes it the default of its app, and no other one. FARM_ENV_UNKNOWN (404). */
  setDefaultRenderEnv(accountId: number, editName: string): Promise<void>;
  /**
   * What waits of the tasks is rendered on that hardware from now on. FARM_TASK_STATE for a draft, FARM_HARDWARE_UNKNOWN,
   * FARM_HARDWARE_UNFIT; nothing is changed unless all of it can be.
   */
  editTaskHardware(accountId: number, taskIds: number[], edit: HardwareEdit): Promise<void>;
}

export function catalogueCalls({ writer }: CallParts): CatalogueCalls {
  return {
    addRenderEnv: (accountId, wish) => writer.run((tx) => addRenderEnv(tx, accountId, wish)),
    updateRenderEnv: (accountId, wish) => writer.run((tx) => updateRenderEnv(tx, accountId, wish)),
    deleteRenderEnv: (accountId, editName) => writer.run((tx) => deleteRenderEnv(tx, accountId, editName)),
    setDefaultRenderEnv: (accountId, editName) =>
      writer.run((tx) => setDefaultRenderEnv(tx, accountId, editName)),
    editTaskHardware: (accountId, taskIds, edit) =>
      writer.run((tx) => editTaskHardware(tx, accountId, taskIds, edit)),
  };
}
