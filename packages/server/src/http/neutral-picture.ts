/**
 * `/files/nothing-yet.png`: what is named as the picture of a frame that has none yet, so that a path in an answer always
 * opens a picture. It is drawn here, once, when it is first asked for: a grey card with an empty frame and a disc.
 */
import { crc32, deflateSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { pictureHeaders } from './pictures.ts';

export const NEUTRAL_PICTURE_PATH = '/files/nothing-yet.png';

const WIDTH = 320;
const HEIGHT = 180;
const CARD = 0x2b;
const MARK = 0x5a;
/** The empty frame, as distances from the card's middle, in pixels. */
const FRAME = { halfWidth: 60, halfHeight: 38, line: 3 };
const DISC = { radius: 11, x: -26, y: -12 };
/** Bytes that every PNG begins with. */
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

let drawn: Buffer | undefined;

export function registerNeutralPicture(app: FastifyInstance): void {
  app.get(NEUTRAL_PICTURE_PATH, async (_request, reply) => {
    drawn ??= greyPng(WIDTH, HEIGHT, shadeAt);
    return reply
      .headers(pictureHeaders)
      .header('content-type', 'image/png')
      .header('cache-control', 'public, max-age=86400')
      .send(drawn);
  });
}

function shadeAt(x: number, y: number): number {
  const fromMiddle = { x: x - WIDTH / 2, y: y - HEIGHT / 2 };
  const isWithin = (inset: number) =>
    Math.abs(fromMiddle.x) <= FRAME.halfWidth - inset && Math.abs(fromMiddle.y) <= FRAME.halfHeight - inset;
  if (isWithin(0) && !isWithin(FRAME.line)) return MARK;
  return Math.hypot(fromMiddle.x - DISC.x, fromMiddle.y - DISC.y) <= DISC.radius ? MARK : CARD;
}

/** An 8-bit greyscale PNG: header, one block of rows, end. */
function greyPng(width: number, height: number, shade: (x: number, y: number) => number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Bit depth 8; colour type 0 is grey, and compression, filter and interlace are 0 as well.
  header[8] = 8;
  // Each row begins with the number of its filter: 0, none.
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = shade(x, y);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Length, kind, bytes, and the checksum of the latter two. */
function chunk(kind: string, bytes: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), bytes]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
