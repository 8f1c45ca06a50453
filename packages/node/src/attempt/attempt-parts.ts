/** What an attempt works with. */
import type { Clock, Log, NodeReport } from '@croft/contract';
import type { App, Installation } from '@croft/dcc';
import type { NodeHome } from '../home/home-layout.ts';
import type { WorkFolders } from '../inputs/work-folders.ts';
import type { NodeTransfer } from '../ports.ts';
import type { AttemptLog } from './attempt-log.ts';
import type { DeliveryParts } from './deliver-frame.ts';

export interface AttemptParts extends DeliveryParts {
  readonly home: NodeHome;
  readonly app: App;
  readonly installation: Installation;
  readonly folders: WorkFolders;
  readonly transfer: NodeTransfer;
  readonly text: AttemptLog;
  readonly clock: Clock;
  readonly log: Log;
  report(report: NodeReport): void;
  progressed(): void;
}
