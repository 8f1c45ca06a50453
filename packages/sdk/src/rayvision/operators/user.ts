/** The account: profile, settings, storage ids, hardware on offer, records (seed 002 "User", compat-api 3.3, real-sdk). */
import { type Json, listOf, numberOf, objectOf } from '../../reading.ts';
import type { Connect } from '../connect.ts';
import { anyText, optional, texts, wholeNumber, withoutEmpty } from '../wire-values.ts';

/** `platform` and `domain` are the caller's own; the rest is what the farm says, under camelCase names. */
export interface UserInfo extends Readonly<Record<string, unknown>> {
  readonly domain: string;
  readonly platform: string;
  /** The operating system of this machine in lower case: `linux`, `windows`, `darwin`. */
  readonly localOs: string;
}

/** Which page of records, and of which days (`yyyy-MM-dd`); empty means all. */
export interface RecordRange {
  readonly pageNum?: number;
  readonly pageSize?: number;
  readonly startDate?: string;
  readonly endDate?: string;
}

export class RayvisionUserOperator {
  readonly #connect: Connect;
  #info: UserInfo;

  constructor(connect: Connect) {
    this.#connect = connect;
    const localOs = process.platform === 'win32' ? 'windows' : process.platform;
    this.#info = { localOs, domain: connect.domain, platform: connect.platform };
  }

  /** What is known about the account: after `login` profile, settings and storage ids. */
  get info(): UserInfo {
    return this.#info;
  }

  /**
   * The three calls of a login: profile, settings, storage ids. Later answers win over earlier ones, except that a null
   * takes nothing away. `platform` stays the caller's.
   */
  async login(): Promise<UserInfo> {
    const answers = [
      await this.queryUserProfile(),
      await this.queryUserSetting(),
      await this.getTransferBid(),
    ];
    const info: Record<string, unknown> = { ...this.#info };
    for (const [key, value] of answers.flatMap((answer) => Object.entries(answer))) {
      const name = camelCase(key);
      if (name !== 'platform' && (value !== null || !(name in info))) info[name] = value;
    }
    this.#info = info as UserInfo;
    return this.#info;
  }

  /** Number of the account. Asks the farm each time. */
  async userId(): Promise<number> {
    return numberOf((await this.queryUserProfile()).userId, 'userId');
  }

  async queryUserProfile(): Promise<Json> {
    return objectOf(await this.#connect.call('queryUserProfile'), 'user profile');
  }

  async queryUserSetting(): Promise<Json> {
    return objectOf(await this.#connect.call('queryUserSetting'), 'user setting');
  }

  /** Sets the time after which a task is reported as long, in whole seconds. */
  updateUserSettings(taskOverTimeSec: number): Promise<unknown> {
    const body = { taskOverTimeSec: wholeNumber(taskOverTimeSec, 'taskOverTimeSec') };
    return this.#connect.call('updateUserSetting', body);
  }

  /** Storage ids: `config_bid`, `input_bid`, `output_bid`, text of digits. */
  async getTransferBid(): Promise<Json> {
    return objectOf(await this.#connect.call('getTransferBid'), 'storage ids');
  }

  /** The hardware on offer; with tasks, `current` marks what they use now. Generation 2. */
  async getHardwareConfig(taskIds?: readonly string[]): Promise<Json[]> {
    const body = { cloneTask: 'false', ...withoutEmpty({ taskIds: optional(taskIds, texts, 'taskIds') }) };
    const hardware = listOf(await this.#connect.call('hardwareConfigList', body), 'hardware list');
    return hardware.map((one) => objectOf(one, 'hardware'));
  }

  /** A page of what was done to tasks. Generation 2. */
  async taskRecord(range: RecordRange = {}): Promise<Json> {
    const body = { platform: wholeNumber(Number(this.#connect.platform), 'platform'), ...rangeBody(range) };
    return objectOf(await this.#connect.call('taskRecord', body), 'task records');
  }

  /** A page of logins. Generation 2. */
  async loginRecord(range: RecordRange = {}): Promise<Json> {
    return objectOf(await this.#connect.call('loginRecord', rangeBody(range)), 'login records');
  }
}

function rangeBody({ pageNum = 1, pageSize = 10, startDate = '', endDate = '' }: RecordRange): Json {
  return {
    pageNum: wholeNumber(pageNum, 'pageNum'),
    pageSize: wholeNumber(pageSize, 'pageSize'),
    startDate: anyText(startDate, 'startDate'),
    endDate: anyText(endDate, 'endDate'),
  };
}

/** The API names storage ids `config_bid` and all else `userId`. */
function camelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
}
