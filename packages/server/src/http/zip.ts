/**
 * A ZIP archive of a few small text files, stored without compression (APPNOTE.TXT 4.3). For each file a local header with
 * its bytes; then the central directory, which names all of them again with their places; then its end record. Names are
 * UTF-8 (flag bit 11). Unix modes stand in the upper half of the external attributes; readers on Windows and Python's
 * `extractall` do not look at them.
 */
import { crc32 } from 'node:zlib';

export interface ZipFile {
  /** With `/` between folders. */
  readonly name: string;
  readonly text: string;
  readonly isProgram?: boolean;
}

const VERSION = 20;
const MADE_ON_UNIX = (3 << 8) | VERSION;
const UTF8_NAME = 1 << 11;
/** 1980-01-01, the oldest date there is: the same files make the same archive. */
const DATE = 0x21;
const PLAIN_FILE = 0o100000;

export function zipOf(files: readonly ZipFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, text, isProgram } of files) {
    const path = Buffer.from(name);
    const bytes = Buffer.from(text);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(VERSION, 0);
    facts.writeUInt16LE(UTF8_NAME, 2);
    facts.writeUInt16LE(DATE, 8);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(bytes.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(path.length, 22);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), facts, path, bytes);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((PLAIN_FILE | (isProgram ? 0o755 : 0o644)) * 0x10000) >>> 0, 6);
    tail.writeUInt32LE(at, 10);
    const start = Buffer.alloc(6);
    start.write('PK\x01\x02', 'latin1');
    start.writeUInt16LE(MADE_ON_UNIX, 4);
    directory.push(start, facts, tail, path);
    at += 4 + facts.length + path.length + bytes.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}
