/** Settings of `rayvision_transmitter` beside its command line: all from the environment, none needed. */
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TransmitterParts } from '@croft/sdk';
import type { Environment } from './environment.ts';
import { zeroSpeedMs } from './zero-speed.ts';

export interface TransmitterConfig extends Pick<TransmitterParts, 'key' | 'scheme' | 'zeroSpeedMs'> {
  /** PEM bundle to trust beside the system's; what the SDK's own requests trust. */
  readonly caFile: string | null;
}

/**
 * RAYVISION_API_ACCESS_ID and RAYVISION_API_KEY sign requests besides; CROFT_TRANSFER_SCHEME (http or https) ends the
 * finding out; CROFT_CA or REQUESTS_CA_BUNDLE is trusted; CROFT_STALL_SECONDS as in `zero-speed.ts`. `transmitter-log.ts` reads what is said about the log.
 */
export function readTransmitterConfig(env: Environment): TransmitterConfig {
  const accessId = env.RAYVISION_API_ACCESS_ID;
  const accessKey = env.RAYVISION_API_KEY;
  const scheme = env.CROFT_TRANSFER_SCHEME;
  return {
    key: accessId && accessKey ? { accessId, accessKey } : null,
    scheme: scheme === 'http' || scheme === 'https' ? scheme : null,
    zeroSpeedMs: zeroSpeedMs(env) ?? undefined,
    caFile: env.CROFT_CA || env.REQUESTS_CA_BUNDLE || null,
  };
}

/** Trusts the certificates of the bundle in this whole process. Throws where it cannot be read. */
export function trustBundle(file: string): void {
  const own =
    readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  setDefaultCACertificates([...getCACertificates('default'), ...own]);
}
