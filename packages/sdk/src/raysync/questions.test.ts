import { describe, expect, it } from 'vitest';
import { listedFile } from './file-list.ts';
import { readBody } from './orders.ts';
import { ownerOf } from './same-user.ts';
import { storagePlace } from './storage-path.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:5F64 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 x
   1: 0100007F:5F64 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 12 1 x
   2: 0100007F:C350 0100007F:5F64 01 00000000:00000000 00:00000000 00000000  1007        0 13 1 x
   3: 0200007F:C350 0100007F:5F64 01 00000000:00000000 00:00000000 00000000  1008        0 14 1 x
`;

describe('who asks', () => {
  it("is the owner of the client's end of the connection", () => {
    expect(ownerOf(TABLE, 0xc350, 0x5f64)).toBe(1007);
    expect(ownerOf(TABLE, 0x5f64, 0xc350)).toBe(0);
    expect(ownerOf(TABLE, 0xc351, 0x5f64)).toBeNull();
    expect(ownerOf('', 1, 2)).toBeNull();
  });
});

describe('what is asked', () => {
  it('keeps every digit of a number', () => {
    expect(readBody(Buffer.from('{"server-port": 987654321098765432, "x": [1, true, null, "y"]}'))).toEqual({
      'server-port': '987654321098765432',
      x: ['1', true, null, 'y'],
    });
  });

  it('reads lines of a list, whatever the names hold', () => {
    const place = { storageId: '123456789012345678', accountId: '7', path: 'a/b' };
    const line = (local: string) => `local:"${local}" server:"/input/123456789012345678-7/a/b"`;
    for (const local of ['/a b/c', 'C:\\x\\"y".txt', '/a" server:"/b', ''])
      expect(listedFile(line(local))).toEqual({ local, place });
    expect(listedFile(`${line('/a')}\r`)).toEqual({ local: '/a', place });
    for (const wrong of ['nonsense', 'local:"x"', 'local:"x" server:"/elsewhere"', 'local:"x" server:""'])
      expect(listedFile(wrong).place).toBeNull();
  });

  it('finds the storage of a path', () => {
    expect(storagePlace('/output/1-2/a b/')).toEqual({ storageId: '1', accountId: '2', path: 'a b/' });
    expect(storagePlace('\\input\\1-2')).toEqual({ storageId: '1', accountId: '2', path: '' });
    for (const wrong of ['', '/', '/input/x-2/a', '/input/1-2x/a', 'input/1-2/a', '/else/1-2/a'])
      expect(() => storagePlace(wrong)).toThrow('no storage');
  });
});
