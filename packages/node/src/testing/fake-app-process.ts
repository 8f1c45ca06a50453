/**
 * The process of the fake app: argv scene, outputs, nonce, frames. The scene's text names what goes wrong:
 * `link`, `outside`, `forge`, `hang`, `memory`, `overwrite`, `corrupt`, `truncated`, `none`, `crash`, `slow`, `escape`, `longline`,
 * `swap` …
 * A word may be bound to a frame: `crash@1002`.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { AppEvent } from '@croft/dcc';

const [, , scene = '', outputs = '', nonce = '', frames = ''] = process.argv;
const words = readFileSync(scene, 'utf8').split(/\s+/);
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAA00lEQVQImQHIADf/ADt6rJYsgbx4caEkJUx7J81/BXJFtl6g3gAplaaxaYyCZ1umVij/ipnKTz9rYJCKjpMAMpD/1qBjZ67HmcNqYmM+VoZhINls/8WyAEl5rLGa7PnEmxK8gHCbkJrHdHxu9oy2YwBK52i0e7SKSXhlk7r/Ua4hzrpRP7RTT2kApf83aTl9jcIovqRUt6oAT87UrblYIoe1AFcwcnszdTp3I0NhjXlyjr2hokPjLbW4kABK+I/SXkTt8Dd8IeZsr3Ao/1lIMjn/A19g82IukPPM3gAAAABJRU5ErkJggg==',
  'base64',
);
const say = (event: AppEvent) => process.stdout.write(`FAKE-${nonce} ${JSON.stringify(event)}\n`);

function wants(word: string, frameId: number): boolean {
  return words.includes(word) || words.includes(`${word}@${frameId}`);
}

async function render(frameId: number): Promise<void> {
  const number = frameId - 1000;
  process.stdout.write(`rendering ${number}\n`);
  say({ kind: 'frame-started', frameId });
  say({ kind: 'progress', percent: 50 });
  let file = join(outputs, `${String(number).padStart(4, '0')}.png`);
  if (wants('slow', frameId)) await pause(1500);
  if (wants('crash', frameId)) process.exit(3);
  if (wants('hang', frameId)) await pause(600_000);
  if (wants('escape', frameId)) {
    spawn(process.execPath, ['-e', 'setTimeout(() => {}, 600000)'], { detached: true, stdio: 'inherit' });
    process.exit(3);
  }
  if (wants('memory', frameId)) {
    const held: Buffer[] = [];
    for (;;) {
      held.push(Buffer.alloc(32 * 1024 * 1024, held.length + 1));
      await pause(20);
    }
  }
  if (wants('overwrite', frameId)) appendFileSync(scene, ' and more');
  if (wants('forge', frameId)) {
    const event = { kind: 'frame-done', frameId, outputs: [] };
    process.stdout.write(`FAKE-00000000000000000000000000000000 ${JSON.stringify(event)}\n`);
    say({ kind: 'frame-done', frameId: frameId + 1, outputs: [] });
  }
  if (wants('longline', frameId)) process.stdout.write(`${'x'.repeat(3_000_000)}\n`);
  if (wants('swap', frameId)) {
    // A folder outside with a fresh file in it, and a link to it in place of the outputs.
    mkdirSync(join(outputs, '..', 'outside'));
    rmSync(outputs, { recursive: true });
    symlinkSync(join(outputs, '..', 'outside'), outputs);
  }
  if (wants('link', frameId)) {
    symlinkSync('/etc/passwd', file);
  } else if (wants('linkdir', frameId)) {
    symlinkSync(join(outputs, '..', '..'), join(outputs, 'deep'));
    writeFileSync(join(outputs, 'deep', 'evil.png'), png);
    file = join(outputs, 'deep', 'evil.png');
  } else if (wants('outside', frameId)) {
    file = join(outputs, '..', 'escaped.png');
    writeFileSync(file, png);
  } else if (wants('corrupt', frameId)) {
    const broken = Buffer.from(png);
    broken.fill(0x55, 41, 55);
    writeFileSync(file, broken);
  } else if (wants('truncated', frameId)) {
    writeFileSync(file, png.subarray(0, 45));
  } else if (!wants('none', frameId)) {
    writeFileSync(file, png);
  }
  const output = { file, frame: number, kind: 'main', layer: null, camera: null } as const;
  say({ kind: 'frame-done', frameId, outputs: [output] });
}

if (words.includes('unopenable')) {
  say({
    kind: 'frame-failed',
    frameId: null,
    failure: 'scene',
    code: 'FAKE_BAD',
    reason: 'the scene does not open',
  });
} else if (frames === '') {
  say({ kind: 'ready' });
  for await (const line of createInterface({ input: process.stdin })) await render(Number(line));
} else {
  for (const frameId of frames.split(',')) await render(Number(frameId));
  process.exit(0);
}
