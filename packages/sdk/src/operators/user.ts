/** Account, settings and storage ids (compat-api 3.3). */
import { type Json, numberOf, objectOf, textOf } from '../reading.ts';
import type { RenderbusClient } from '../renderbus-client.ts';

export interface UserProfile {
  readonly userId: number;
  readonly userName: string;
  readonly mainUserId: number;
  /** All fields as the farm sent them. */
  readonly raw: Json;
}

/** Storage ids: text of decimal digits, never numbers. */
export interface StorageIds {
  readonly config: string;
  readonly input: string;
  readonly output: string;
}

export class UserOperator {
  readonly #client: RenderbusClient;
  constructor(client: RenderbusClient) {
    this.#client = client;
  }

  /** Who the access key belongs to. */
  async profile(): Promise<UserProfile> {
    const raw = objectOf(await this.#client.call('/api/render/setUp/queryUserProfile'), 'user profile');
    return {
      userId: numberOf(raw.userId, 'userId'),
      userName: textOf(raw.userName, 'userName'),
      mainUserId: numberOf(raw.mainUserId ?? 0, 'mainUserId'),
      raw,
    };
  }

  /** The account's settings, fields as the API names them. */
  async setting(): Promise<Json> {
    return objectOf(await this.#client.call('/api/render/setUp/queryUserSetting'), 'user setting');
  }

  /** Sets the time after which a task is reported as long, in seconds. */
  async updateSetting(taskOverTimeSec: number): Promise<void> {
    await this.#client.call('/api/render/setUp/updateUserSetting', { taskOverTimeSec });
  }

  /** The storage ids of the account's three roots. */
  async storageIds(): Promise<StorageIds> {
    const bids = objectOf(await this.#client.call('/api/render/transfer/getBid'), 'storage ids');
    return {
      config: textOf(bids.config_bid, 'config_bid'),
      input: textOf(bids.input_bid, 'input_bid'),
      output: textOf(bids.output_bid, 'output_bid'),
    };
  }
}
