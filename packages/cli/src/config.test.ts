import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'croft-config-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const client = { url: 'http://127.0.0.1:1', accessId: 'file-id', accessKey: 'file-key', accountId: 4 };
const write = (text: string) => writeFileSync(path.join(home, 'client.json'), text);

describe('settings', () => {
  it('come from flags, then the environment, then client.json', () => {
    write(JSON.stringify(client));
    expect(readConfig({ flags: { home }, env: {} })).toMatchObject({ ...client, home });
    const env = {
      CROFT_SERVER: 'https://farm:2/',
      CROFT_ACCESS_ID: 'env-id',
      CROFT_ACCESS_KEY: 'env-key',
      CROFT_HOME: home,
    };
    expect(readConfig({ flags: {}, env })).toMatchObject({
      url: 'https://farm:2',
      accessId: 'env-id',
      accountId: null,
    });
    expect(readConfig({ flags: { server: 'other:3' }, env }).url).toBe('http://other:3');
  });

  it("take the Renderbus SDK's names of the key, after our own", () => {
    const env = { RAYVISION_API_ACCESS_ID: 'r-id', RAYVISION_API_KEY: 'r-key' };
    expect(readConfig({ flags: { home }, env })).toMatchObject({ accessId: 'r-id', accessKey: 'r-key' });
    const both = { ...env, CROFT_ACCESS_ID: 'c-id', CROFT_ACCESS_KEY: 'c-key' };
    expect(readConfig({ flags: { home }, env: both })).toMatchObject({
      accessId: 'c-id',
      accessKey: 'c-key',
    });
  });

  it('know no farm where nothing says one', () => {
    expect(readConfig({ flags: { home }, env: {} })).toMatchObject({
      url: null,
      accessId: null,
      accessKey: null,
    });
  });

  it('name every problem at once', () => {
    write('{"url": ');
    const env = {
      CROFT_SERVER: 'ht tp://x',
      CROFT_ACCESS_ID: 'only',
      CROFT_LOG: 'loud',
      CROFT_STALL_SECONDS: '61',
    };
    const read = () => readConfig({ flags: { home }, env });
    expect(read).toThrow(/client\.json is damaged/);
    expect(read).toThrow(/no address of a farm/);
    expect(read).toThrow(/only one is set/);
    expect(read).toThrow(/CROFT_LOG/);
    expect(read).toThrow(/CROFT_STALL_SECONDS/);
  });
});
