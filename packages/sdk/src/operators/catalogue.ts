/** What the farm can render with: software, versions, hardware (compat-api 3.7, 5.3). */
import { type Json, listOf, numberOf, objectOf, textOf, textOrNull } from '../reading.ts';
import type { RenderbusClient } from '../renderbus-client.ts';

export interface Software {
  readonly cgId: number;
  readonly cgName: string;
  readonly raw: Json;
}

export interface HardwareConfig {
  readonly id: number;
  readonly model: string;
  /** `64GB`. */
  readonly ram: string;
  /** `2*GPU`; null for machines without. */
  readonly gpuNum: string | null;
  readonly platform: number;
  readonly enabled: boolean;
  readonly notSupportCgIds: readonly number[];
  /** Codes of tips with which this hardware cannot be used. */
  readonly notSupportCodes: readonly string[];
}

export class CatalogueOperator {
  readonly #client: RenderbusClient;
  constructor(client: RenderbusClient) {
    this.#client = client;
  }

  /** The apps of the farm. */
  async software(): Promise<readonly Software[]> {
    const data = objectOf(await this.#client.call('/api/render/plugin/querySoftwareList'), 'software list');
    return listOf(data.renderInfoList, 'renderInfoList').map((item) => {
      const raw = objectOf(item, 'software');
      return { cgId: numberOf(raw.cgId, 'cgId'), cgName: textOf(raw.cgName, 'cgName'), raw };
    });
  }

  /** The versions of one app that the farm's nodes have. */
  async versions(cgId: number, osName: 'linux' | 'windows'): Promise<readonly string[]> {
    const data = objectOf(
      await this.#client.call('/api/render/plugin/querySoftwareDetail', { cgId, osName }),
      'software detail',
    );
    return listOf(data.cgVersion, 'cgVersion').map((item) =>
      textOf(objectOf(item, 'version').cgVersion, 'cgVersion'),
    );
  }

  /** Names of the account's render environments of an app. */
  async environments(cgId: number): Promise<readonly string[]> {
    const data = await this.#client.call('/api/render/plugin/getUserPluginConfig', { cgId });
    return listOf(data, 'environments').map((item) =>
      textOf(objectOf(item, 'environment').editName, 'editName'),
    );
  }

  /** The kinds of machines a task may ask for. */
  async hardware(): Promise<readonly HardwareConfig[]> {
    const data = await this.#client.call('/api/render/hardwareConfig/list', { cloneTask: 'false' });
    return listOf(data, 'hardware list').map((item) => {
      const raw = objectOf(item, 'hardware');
      return {
        id: numberOf(raw.id, 'hardware id'),
        model: textOf(raw.model, 'model'),
        ram: textOf(raw.ram, 'ram'),
        gpuNum: textOrNull(raw.gpuNum, 'gpuNum'),
        platform: numberOf(raw.platform, 'platform'),
        enabled: Boolean(raw.status),
        notSupportCgIds: listOf(raw.notSupportCgId, 'notSupportCgId').map((id) => numberOf(id, 'cgId')),
        notSupportCodes: listOf(raw.notSupportCode, 'notSupportCode').map((code) => textOf(code, 'code')),
      };
    });
  }
}
