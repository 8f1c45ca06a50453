/** The raysync service in the foreground, until it is told to end, is interrupted, or nobody wants it any more. */
import { coerceError } from '@croft/contract';
import { startRaysyncService } from '@croft/sdk';
import type { CommandContext } from '../context.ts';
import { cliErrors } from '../errors.ts';
import { openFileLog } from '../file-log.ts';
import { readTransmitterConfig, trustBundle } from '../transmitter-config.ts';
import { VERSION } from '../version.ts';
import type { ServiceFolder } from './service-folder.ts';

/** Throws CLI_PORT_IN_USE. */
export async function serve(folder: ServiceFolder, context: CommandContext): Promise<void> {
  const { clock, config, signal, printer } = context;
  const { scheme, caFile } = readTransmitterConfig(config.environment);
  const log = openFileLog({ file: folder.log, level: config.logLevel, clock, onWarning: () => {} });
  context.atEnd(() => log.close());
  if (caFile !== null) {
    try {
      trustBundle(caFile);
    } catch (thrown) {
      log.warn({ err: coerceError(thrown), file: caFile }, 'these certificates are not used');
    }
  }
  const service = await startRaysyncService(folder.port, { version: VERSION, clock, log, scheme }).catch(
    (thrown: unknown) => {
      log.error({ err: coerceError(thrown) }, 'the port cannot be used');
      throw cliErrors.CLI_PORT_IN_USE(`port ${folder.port} of this machine cannot be used`, {
        cause: coerceError(thrown),
        hint: `Write another port into ${folder.path}/cluster.xml.`,
      });
    },
  );
  log.info({ port: service.port }, 'the transfer service listens');
  printer.result({ port: service.port, pid: process.pid }, () => `listening on 127.0.0.1:${service.port}`);
  signal.addEventListener('abort', () => void service.close(), { once: true });
  if (signal.aborted) void service.close();
  await service.ended;
}
