import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArguments, type TransmitOrder } from './arguments.ts';

const WHO = ['-E', 'aspera', '-H', 'farm', '-P', '8420', '-S', '123456789012345678', '-U', '10001'];
const UPLOAD = [...WHO, '-T', 'upload_path', '-L', 'a.txt'];

function orderOf(...argv: string[]): TransmitOrder {
  const parsed = parseArguments(argv);
  if (parsed.kind !== 'run') throw new Error(`it is ${parsed.kind}`);
  return parsed.order;
}

describe('the command line', () => {
  it('has the documented defaults', () => {
    expect(orderOf(...UPLOAD)).toEqual({
      engine: 'aspera',
      host: { name: 'farm', prefix: '' },
      port: 8420,
      storageId: '123456789012345678',
      accountId: '10001',
      type: 'upload_path',
      local: 'a.txt',
      remote: '/',
      retries: 2,
      keepPath: false,
      limitKbps: 2000,
      dbIni: null,
      range: null,
    });
  });

  it.each([
    ['farm.example/croft/', { name: 'farm.example', prefix: '/croft' }],
    ['[::1]/a/b', { name: '::1', prefix: '/a/b' }],
    ['::1', { name: '::1', prefix: '' }],
  ])('takes the path of a proxy behind the host: %s', (text, host) => {
    expect(orderOf(...UPLOAD.map((word) => (word === 'farm' ? text : word))).host).toEqual(host);
  });

  it.each([
    'a b',
    'me@farm',
    'farm/../x',
    'farm/./x',
    'farm/a?b',
    'farm/a#b',
    'farm/%2e%2e',
    'farm//x',
    '/x',
    'farm\\x',
  ])('refuses %s as a host', (text) => {
    expect(() => orderOf(...UPLOAD.map((word) => (word === 'farm' ? text : word)))).toThrow(/is no host/);
  });

  it('means the same in any order and spelling', () => {
    const pairs = UPLOAD.flatMap((word, index) =>
      index % 2 === 0 ? [[word, UPLOAD[index + 1]!] as const] : [],
    );
    const long: Record<string, string> = {
      E: 'engine',
      H: 'host',
      P: 'port',
      S: 'storage',
      U: 'uid',
      T: 'type',
      L: 'local',
    };
    const spelled = fc.shuffledSubarray([...pairs], { minLength: pairs.length }).chain((order) =>
      fc.tuple(
        ...order.map(([flag, value]) => {
          const name = long[flag[1]!]!;
          return fc.constantFrom(
            [flag, value],
            [`${flag}${value}`],
            [`--${name}`, value],
            [`--${name}=${value}`],
            [`--${name.slice(0, 3)}=${value}`],
          );
        }),
      ),
    );
    fc.assert(
      fc.property(spelled, (words) => {
        expect(orderOf(...words.flat())).toEqual(orderOf(...UPLOAD));
      }),
    );
  });

  it.each(['true', 'True', '1', 'YES', 'on'])('-K %s keeps the path', (word) => {
    expect(orderOf(...UPLOAD, '-K', word).keepPath).toBe(true);
  });

  it.each([
    [['-s', '1048576'], { limitKbps: null }],
    [['-s', '1024.0'], { limitKbps: 1024 }],
    [['-C', 'None'], { dbIni: null }],
    [['-C', ''], { dbIni: null }],
    [['-C', 'db.ini'], { dbIni: 'db.ini' }],
    [['-c', '2 5'], { range: [2, 5] }],
    [['-c', '2', '5'], { range: [2, 5] }],
    [['--count-ranges=2 5', '-K', '1'], { range: [2, 5], keepPath: true }],
    [['-R', '-odd-name'], { remote: '-odd-name' }],
    [['-r', '0', '-p', '0'], { retries: 0 }],
  ] as const)('%j', (more, want) => {
    expect(orderOf(...UPLOAD, ...more)).toMatchObject(want);
  });

  it('takes the names of old generations', () => {
    const at = UPLOAD.indexOf('upload_path');
    expect(orderOf(...UPLOAD.with(at, 'upload_file_pairs')).type).toBe('upload_json');
    expect(orderOf(...UPLOAD.with(at, 'download_files')).type).toBe('download_path');
    expect(orderOf(...UPLOAD.with(1, 'raysync')).engine).toBe('raysync');
  });

  it.each([
    [UPLOAD.slice(2)],
    [UPLOAD.with(1, 'ftp')],
    [UPLOAD.with(3, 'farm/../x')],
    [UPLOAD.with(3, 'a@b')],
    [UPLOAD.with(5, '0')],
    [UPLOAD.with(5, '65536')],
    [[...UPLOAD, '-s', '0']],
    [[...UPLOAD, '-s', '-1']],
    [[...UPLOAD, '-s', '1048577']],
    [[...UPLOAD, '-K', 'maybe']],
    [[...UPLOAD, '-c', '5 2']],
    [[...UPLOAD, '-c', 'a b']],
    [[...UPLOAD, '-K']],
    [[...UPLOAD, '--e=raysync', '-E', 'raysync']],
    [[...UPLOAD, '--']],
    [[...UPLOAD, 'stray']],
    [['aspera', 'only', 'three']],
  ])('refuses %j', (argv) => {
    expect(() => parseArguments(argv)).toThrow(expect.objectContaining({ code: 'SDK_TRANSMIT_USAGE' }));
  });

  it('never throws anything but its own refusal, whatever it gets', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom(...UPLOAD, '-c', '--', '-', '--k'));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (argv) => {
        try {
          parseArguments(argv);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'SDK_TRANSMIT_USAGE' });
        }
      }),
    );
  });
});
