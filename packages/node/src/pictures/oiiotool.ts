/** Full decoding and thumbnails through OpenImageIO's `oiiotool`, in a process with a time limit. */
import { execFile } from 'node:child_process';
import { MINUTE, MiB } from '@croft/contract';
import { damaged, type HeaderFacts } from './header-facts.ts';

const DECODE_TIMEOUT_MS = 2 * MINUTE;

/** Decodes every pixel; writes a JPEG thumbnail where `thumbnail` names one. Throws NODE_OUTPUT_DAMAGED. */
export function decodeWithOiiotool(
  oiiotool: string,
  file: string,
  facts: HeaderFacts,
  thumbnail: string | null,
): Promise<void> {
  const args = [
    '--threads',
    '1',
    '--native',
    file,
    ...(thumbnail === null ? ['--stats'] : toThumbnail(facts, thumbnail)),
  ];
  const options = { timeout: DECODE_TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: 4 * MiB, env: {} } as const;
  return new Promise((resolve, reject) => {
    execFile(oiiotool, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve();
      const said = `${stderr}${stdout}`.split('\n').find((line) => /error/i.test(line)) ?? error.message;
      reject(damaged(`does not decode: ${said.replaceAll(file, 'it').slice(0, 300)}`));
    });
  });
}

function toThumbnail(facts: HeaderFacts, thumbnail: string): string[] {
  const channels = facts.channels === null ? [] : ['--ch', facts.channels.join(',')];
  const isLinear = facts.format === 'exr' || facts.format === 'hdr';
  const toScreen = isLinear ? ['--colorconvert', 'linear', 'sRGB'] : [];
  return [...channels, ...toScreen, '--fit', '256x256', '-d', 'uint8', '--quality', '80', '-o', thumbnail];
}
