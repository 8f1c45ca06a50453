/** What an analysis found, for tips.json: code → sentences (seed 002 "TipsInfo", compat-api 7.2). */
import path from 'node:path';
import { existsOrCreate, jsonSave } from './json-files.ts';

export class TipsInfo {
  readonly #savePath: string | undefined;
  readonly #exit: (code: number) => never;
  #tips: Record<string, string[] | string> = {};

  /** `savePath`: folder of tips.json; `exit` ends the program, for tests another. */
  constructor(savePath?: string, exit: (code: number) => never = process.exit) {
    this.#savePath = savePath;
    this.#exit = exit;
  }

  /** A copy of all tips. */
  get tips(): Readonly<Record<string, readonly string[] | string>> {
    return structuredClone(this.#tips);
  }

  /** Adds sentences to those of a code. */
  add(key: string | number, ...values: readonly string[]): void {
    const before = this.#tips[key] ?? [];
    this.#tips[key] = [...(typeof before === 'string' ? [before] : before), ...values];
  }

  /** Replaces what a code has. */
  setTips(key: string | number, value: string | readonly string[]): void {
    this.#tips[key] = typeof value === 'string' ? value : [...value];
  }

  /** Writes tips.json into a folder, which is made; gives its path. */
  async saveTips(folder: string | undefined = this.#savePath): Promise<string> {
    if (folder === undefined)
      throw new TypeError('a folder for tips.json is needed here or in the constructor');
    const file = path.join(await existsOrCreate(folder), 'tips.json');
    await jsonSave(file, this.#tips);
    return file;
  }

  /** Writes tips.json and ends the program; -1 is 255 to the shell. */
  async saveAndExit(folder: string | undefined = this.#savePath, exitCode = -1): Promise<never> {
    await this.saveTips(folder);
    return this.#exit(exitCode);
  }
}
