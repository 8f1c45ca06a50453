/** Python in a file: text blocks that register themselves, and drivers. */
import type { BlendFile } from '../blend/blend-file.ts';
import type { StructView } from '../blend/struct-view.ts';
import type { ScriptFacts } from './blend-facts.ts';
import { nameOfDatablock } from './names.ts';

const REGISTERED = 1 << 4;
const PYTHON_DRIVER = 1;
const FRAME_HANDLER = /frame_change_(pre|post)|render_(pre|post|init)/;

/** Text blocks of the file. */
export function scriptsOf(file: BlendFile): ScriptFacts[] {
  return file.datablocks('TX').map((text) => ({
    name: nameOfDatablock(text),
    registered: (text.number('flags') & REGISTERED) !== 0,
    frameHandler: hasFrameHandler(text),
  }));
}

function hasFrameHandler(text: StructView): boolean {
  for (const line of text.list('lines')) if (FRAME_HANDLER.test(line.followText('line'))) return true;
  return false;
}

/** Drivers with a Python expression. */
export function pythonDriversOf(file: BlendFile): number {
  const owners = ['OB', 'SC', 'MA', 'NT', 'WO', 'LA', 'ME'].flatMap((code) => file.datablocks(code));
  const drivers = owners.flatMap((owner) => file.owned(owner, 'ChannelDriver'));
  return drivers.filter((driver) => driver.number('type') === PYTHON_DRIVER).length;
}
