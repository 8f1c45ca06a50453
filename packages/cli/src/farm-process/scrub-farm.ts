/** A scrub of a running farm, or straight on the home of one that does not run. */
import { CroftError, type ScrubLine, type ScrubWish } from '@croft/contract';
import type { CommandLine } from '../command-spec.ts';
import type { CommandContext } from '../context.ts';
import { withFarmParts } from './open-farm.ts';

/** As accounts: with --home and no --server the farm of that folder is meant, whether it runs or not. */
export async function withScrub(
  context: CommandContext,
  line: CommandLine,
  wish: ScrubWish,
  tell: (line: ScrubLine) => void,
): Promise<void> {
  const isOfHome = line.text('server') === undefined && line.text('home') !== undefined;
  let hasBegun = false;
  const told = async (lines: AsyncIterable<ScrubLine>) => {
    for await (const one of lines) {
      hasBegun = true;
      tell(one);
    }
  };
  const asked = async () => {
    const { nativeFiles } = await import('@croft/sdk');
    const session = await context.session();
    await told(nativeFiles(session.native).scrub(wish, context.signal));
  };
  const direct = () =>
    withFarmParts(context, async ({ farm: { reads, calls }, store, log }) => {
      const { scrub } = await import('@croft/server');
      const { clock, signal } = context;
      const unknownBlobs = calls.unknownBlobs;
      await told(scrub({ reads, unknownBlobs, bytes: await store(), clock, log }, { ...wish, signal }));
    });
  if (!isOfHome) return asked();
  if (context.config.url === null) return direct();
  try {
    return await asked();
  } catch (thrown) {
    if (!hasBegun && thrown instanceof CroftError && thrown.code === 'SDK_FARM_UNREACHABLE') return direct();
    throw thrown;
  }
}
