import type { ScrubLine } from '@croft/contract';
import type { CommandSpec } from '../command-spec.ts';
import { FARM_OPTIONS } from '../farm-options.ts';

export const scrub: CommandSpec = {
  usage: 'scrub',
  group: 'Farm',
  summary: 'read all stored bytes, and say which are damaged or lost, and whose they are',
  details:
    'Damaged bytes are set aside, so that they are never delivered; uploading the same file again, or rendering the frame again, heals them. For administrators. With --home and no --server a farm that does not run is read straight from its folder.',
  options: [
    ['--rate <KB/s>', 'read at most so many KB (1,000 bytes) a second (default: as fast as it goes)'],
    ...FARM_OPTIONS,
  ],
  examples: [
    ['croft scrub', 'read everything that the running farm stores'],
    ['croft scrub --rate 20000', 'the same at 20 MB/s, beside the work'],
    ['croft scrub --home /data/farm --json', 'a farm of this machine, for a script'],
  ],
  exits: [
    [3, 'bytes are damaged or lost; the others are well'],
    [6, 'the key is not that of an administrator'],
    [7, 'a scrub is running already'],
  ],
  async run(context, line) {
    const limitKbps = line.integer('rate', 1, 100_000_000);
    const [{ withScrub }, { movementMeter }, { CroftError, EXIT }, { endText, foundText }] =
      await Promise.all([
        import('../farm-process/scrub-farm.ts'),
        import('@croft/sdk'),
        import('@croft/contract'),
        import('../scrub-text.ts'),
      ]);
    const meter = movementMeter(context.clock);
    const found: Extract<ScrubLine, { kind: 'found' }>[] = [];
    let code: number | undefined;
    let isWhole = false;
    await withScrub(context, line, limitKbps === undefined ? {} : { limitKbps }, (told) => {
      switch (told.kind) {
        case 'progress': {
          const { blobs, blobsTotal, bytes, bytesTotal } = told;
          const moved = { filesDone: blobs, filesTotal: blobsTotal, bytesDone: bytes, bytesTotal };
          context.printer.progress({ phase: 'scrub', state: 'moving', ...meter(moved) });
          return;
        }
        case 'found':
          found.push(told);
          if (!context.printer.isJson) context.printer.note(foundText(told));
          return;
        case 'end': {
          isWhole = true;
          const { kind: _, ...sums } = told;
          context.printer.result({ ...sums, found }, () => endText(sums));
          if (sums.damaged + sums.lost > 0) code = EXIT.badInput;
          return;
        }
        case 'failed':
          throw CroftError.from({
            code: told.code,
            message: told.message,
            exit: EXIT.unreachable,
            status: 503,
          });
      }
    });
    if (isWhole) return code;
    const { cliErrors } = await import('../errors.ts');
    throw cliErrors.CLI_SCRUB_BROKEN('the farm stopped telling before all was read');
  },
};
