/** What stands before the bytes of a blob in a pack. Worker threads load this file, so it imports nothing. */

export function packHeader(id: string, size: number): Buffer {
  const json = JSON.stringify({ id, size });
  const header = Buffer.alloc(4 + json.length);
  header.writeUInt32BE(json.length);
  header.write(json, 4, 'latin1');
  return header;
}
