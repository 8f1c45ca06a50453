import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNdjson, readNdjsonGroups, writeNdjson } from './ndjson.ts';

/** The bytes in chunks that end at these places. */
async function* cut(bytes: Uint8Array, places: readonly number[]) {
  let from = 0;
  for (const to of [
    ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ]) {
    yield bytes.subarray(from, to);
    from = to;
  }
}

const all = async (values: AsyncIterable<unknown>) => Array.fromAsync(values);
const read = (text: string | Uint8Array, mostLines = 10) =>
  all(readNdjson(cut(Buffer.from(text), []), mostLines));

test('values come as they were written, however they are cut on the way', async () => {
  const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'grapheme' }));
  await fc.assert(
    fc.asyncProperty(fc.array(value), fc.array(fc.nat()), async (values, places) => {
      const sent = values.map((one) => JSON.parse(JSON.stringify(one)));
      const bytes = Buffer.concat(await Array.fromAsync(writeNdjson(sent)));
      expect(await all(readNdjson(cut(bytes, places), 1000))).toEqual(sent);
      expect((await all(readNdjsonGroups(cut(bytes, places), 1000))).flat()).toEqual(sent);
      // The last line may lack its end.
      expect(await all(readNdjson(cut(bytes.subarray(0, -1), places), 1000))).toEqual(sent);
    }),
  );
});

test('empty lines are none, and what is no JSON, no UTF-8, too long or too much is refused', async () => {
  expect(await read('')).toEqual([]);
  expect(await read('\n\n1\n\n2\r\n\n')).toEqual([1, 2]);
  await expect(read('1\n2\n{')).rejects.toMatchObject({ code: 'TRANSFER_BAD_REQUEST', message: /line 3/ });
  await expect(read(Buffer.from([0x31, 10, 0x22, 0xff, 0x22, 10]))).rejects.toMatchObject({
    code: 'TRANSFER_BAD_REQUEST',
  });
  await expect(read('1\n2\n3\n', 2)).rejects.toMatchObject({ code: 'TRANSFER_TOO_LARGE' });
  await expect(read(`1\n"${'x'.repeat(70_000)}`)).rejects.toMatchObject({ code: 'TRANSFER_TOO_LARGE' });
});
