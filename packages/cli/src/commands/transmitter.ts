import type { CommandSpec } from '../command-spec.ts';

export const transmitter: CommandSpec = {
  usage: 'transmitter <dir>',
  group: 'Farm',
  summary: 'install rayvision_transmitter, with which the Renderbus SDK moves files to and from a farm',
  details:
    'Give its path to the SDK: RayvisionUpload(api, transmitter_exe=PATH), RayvisionDownload(api, transmitter_exe=PATH). It lies alone in its folder, which only you may enter: the SDK makes everything in there writable for all users of the machine.',
  options: [],
  examples: [['croft transmitter ~/croft-transmitter', 'install it and print its path']],
  exits: [[3, 'the folder holds other files']],
  async run(context, line) {
    const { installTransmitter } = await import('../install-transmitter.ts');
    const path = await installTransmitter(line.arg(0));
    context.printer.result({ path }, () => path);
    return undefined;
  },
};
