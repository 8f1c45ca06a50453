/** Everything that speaks to one farm for one user, built once and passed to the flow. */
import { type Clock, systemClock } from '@croft/contract';
import type { FarmConnection } from './connection.ts';
import type { ListingMover } from './mover.ts';
import { NativeClient } from './native-client.ts';
import { operatorsOf, type RenderbusApi } from './renderbus-api.ts';
import { RenderbusClient } from './renderbus-client.ts';
import { type MoverOptions, transferMover } from './transfer-mover.ts';

export interface FarmSession {
  readonly connection: FarmConnection;
  readonly api: RenderbusApi;
  readonly native: NativeClient;
  readonly mover: ListingMover;
  readonly clock: Clock;
  /** The same farm, but every call waits for it when it restarts. For work that outlives such a pause. */
  patiently(): FarmSession;
  /** Ends the threads that hash; no call may follow. */
  close(): Promise<void>;
}

/** Opens a session; nothing is sent before the first call. */
export function farmSession(connection: FarmConnection, options: MoverOptions = {}): FarmSession {
  const mover = transferMover(connection, options);
  const session = (patient: boolean): FarmSession => {
    const clientOptions = { ...options, patient };
    return {
      connection,
      api: operatorsOf(new RenderbusClient(connection, clientOptions)),
      native: new NativeClient(connection, clientOptions),
      mover,
      clock: options.clock ?? systemClock,
      patiently: () => session(true),
      close: () => mover.close(),
    };
  };
  return session(options.patient === true);
}
