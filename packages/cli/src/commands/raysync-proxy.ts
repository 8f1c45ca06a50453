import type { CommandSpec } from '../command-spec.ts';
import { cliErrors } from '../errors.ts';

export const raysyncProxy: CommandSpec = {
  usage: 'raysync-proxy <order> <dir>',
  group: 'Farm',
  summary: 'start or stop the local service behind engine_type="raysyncproxy" of the Renderbus SDK',
  details:
    'The SDK fetches a package from the farm whose scripts run this; you rarely do. The order is start (in the background, unless it runs), stop (unless somebody uses it) or serve (in the foreground). DIR is the folder of cluster.xml, which names the port; the log lies beside it.',
  options: [],
  examples: [['croft raysync-proxy stop DIR', 'end the service that rayvision_sync left running']],
  exits: [
    [3, 'the folder has no cluster.xml that names a port'],
    [7, 'another program, or another user, has the port'],
  ],
  async run(context, line) {
    const order = line.arg(0);
    const { serviceFolder } = await import('../raysync/service-folder.ts');
    const folder = await serviceFolder(line.arg(1));
    switch (order) {
      case 'start': {
        const { startInBackground } = await import('../raysync/background.ts');
        const started = await startInBackground(folder, context.clock);
        const words = `listening on 127.0.0.1:${folder.port}${started.started ? '' : ' already'}`;
        context.printer.result({ port: folder.port, ...started }, () => words);
        return undefined;
      }
      case 'stop': {
        const { stopIdle } = await import('../raysync/background.ts');
        const ended = await stopIdle(folder, context.clock);
        const words = ended.stopped ? 'stopped' : 'nothing to stop: it does not run, or somebody uses it';
        context.printer.result({ port: folder.port, ...ended }, () => words);
        return undefined;
      }
      case 'serve': {
        const { serve } = await import('../raysync/serve.ts');
        await serve(folder, context);
        return undefined;
      }
      default:
        throw cliErrors.CLI_USAGE('the order is start, stop or serve');
    }
  },
};
