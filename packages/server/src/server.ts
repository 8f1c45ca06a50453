/**
 * The server: all doors of the farm on one HTTP listener and, where wanted, one HTTPS listener. It is put together by
 * hand here; how a program composes farm and server is told in `outlet.ts`.
 */
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { type Clock, coerceError, type Log, MINUTE, SECOND } from '@croft/contract';
import type { FarmCalls, FarmReads } from '@croft/farm';
import type { BlobStore } from '@croft/transfer';
import type { FastifyInstance } from 'fastify';
import {
  createApp,
  HEADERS_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  MOST_CONNECTIONS,
  REQUEST_TIMEOUT_MS,
} from './app.ts';
import { createAddressGuard } from './http/address-guard.ts';
import { BURST_SECONDS, createCallLimit, DEFAULT_CALLS_PER_SECOND } from './http/call-limit.ts';
import {
  type CertificateFacts,
  type CertificateFiles,
  operatorCertificate,
  ownCertificate,
} from './http/certificate.ts';
import { registerHealth } from './http/health.ts';
import { registerIcons } from './http/icons.ts';
import { certificateName, listen, urlOf } from './http/listening.ts';
import { registerMetrics } from './http/metrics.ts';
import { registerNeutralPicture } from './http/neutral-picture.ts';
import { registerPictures } from './http/pictures.ts';
import { createRecorder } from './http/recorder.ts';
import { toldUrl } from './http/told-address.ts';
import { registerWeb } from './http/web.ts';
import { createNativeAuthenticator } from './native/authenticate.ts';
import { registerNativeDoor } from './native/door.ts';
import { transferPrincipals } from './native/transfer-principals.ts';
import { createAttemptLogs } from './node-link/attempt-logs.ts';
import { type NodeDoor, registerNodeDoor } from './node-link/door.ts';
import type { ServerOutlet } from './outlet.ts';
import { registerRaysyncPackages } from './pages/raysync-package.ts';
import { registerSolutions } from './pages/solutions.ts';
import type { DoorParts } from './ports.ts';
import { registerRenderbusDoor } from './renderbus/door.ts';
import { localTimes, systemTimeZone } from './renderbus/local-times.ts';
import { registerTransferDoor } from './transfer-door/transfer-door.ts';

const SIGNATURE_WINDOW_MS = 15 * MINUTE;
/** How long open answers may go on after `close`, before their connections are cut. */
const CLOSE_GRACE_MS = 2 * SECOND;

export interface ServerOptions {
  readonly farm: { readonly calls: FarmCalls; readonly reads: FarmReads };
  readonly blobs: BlobStore;
  /** The same outlet that the farm speaks to. */
  readonly outlet: ServerOutlet;
  /** Default 127.0.0.1: other machines are let in only where asked for. */
  readonly host?: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** An HTTPS listener beside; without `files` the farm makes its own certificate in `<home>/tls`. */
  readonly tls?: { readonly port: number; readonly files?: CertificateFiles };
  /** Names under which clients know the farm (`farm.example`, `farm.example:8080`, with a path prefix of a proxy). */
  readonly publicHosts?: readonly string[];
  /** How far a signed request's time may be from ours; default 15 minutes. */
  readonly signatureWindowMs?: number;
  /** IANA name of the zone of `yyyy-MM-dd HH:mm:ss` in the Renderbus API; default the machine's. */
  readonly timeZone?: string;
  /** API calls a second that one key may make from one address for long; 0: any number. */
  readonly callsPerSecond?: number;
  readonly log: Log;
  readonly clock: Clock;
  /** Folder of the farm; attempt logs and the own certificate lie in it. */
  readonly home: string;
  /** Absolute folder of the web page; without it there is none. */
  readonly webRoot?: string;
}

export interface Server {
  /** `http://host:port`, without a trailing slash; a wildcard host is told as 127.0.0.1. */
  readonly url: string;
  readonly port: number;
  /** Where HTTPS was asked for. */
  readonly tls: {
    readonly url: string;
    readonly port: number;
    readonly certificate: CertificateFacts;
  } | null;
  /** Takes no more requests, lets open ones end (2 s at most), closes links and event streams. */
  close(): Promise<void>;
}

/** Starts listening. Throws SERVER_PORT_IN_USE, SERVER_PORT_REFUSED, SERVER_ADDRESS_UNKNOWN, SERVER_CERTIFICATE_INVALID. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { farm, outlet, log, clock, home } = options;
  const host = options.host ?? '127.0.0.1';
  const publicHosts = options.publicHosts ?? [];
  let port = options.port;
  const closing = new AbortController();
  const perSecond = options.callsPerSecond ?? DEFAULT_CALLS_PER_SECOND;
  const recorder = createRecorder(farm.calls, clock, log);
  const parts: DoorParts = {
    calls: farm.calls,
    reads: farm.reads,
    bytes: options.blobs,
    outlet,
    attemptLogs: createAttemptLogs(home, clock, log),
    log,
    clock,
    publicHosts,
    signatureWindowMs: options.signatureWindowMs ?? SIGNATURE_WINDOW_MS,
    callLimit: createCallLimit(clock, { perSecond, burst: perSecond * BURST_SECONDS }),
    recorder,
    addresses: createAddressGuard(farm.calls, clock),
    localTimes: localTimes(options.timeZone ?? systemTimeZone()),
    port: () => port,
    toldUrl: () => toldUrl({ host, port, publicHosts }),
    closing: closing.signal,
  };
  const stopForgetting = outlet.onTaskDeleted((taskId) => {
    parts.attemptLogs.forgetTask(taskId).catch((thrown: unknown) => {
      log.warn({ task: taskId, err: coerceError(thrown) }, 'the logs of a deleted task could not be removed');
    });
  });
  const app = createApp(parts);
  registerHealth(app, parts);
  registerMetrics(app, parts);
  registerPictures(app, parts);
  registerIcons(app);
  registerNeutralPicture(app);
  registerSolutions(app);
  registerRaysyncPackages(app, clock);
  const nodeDoor = registerNodeDoor(app, parts);
  await registerRenderbusDoor(app, parts);
  const authenticator = createNativeAuthenticator(parts);
  await registerNativeDoor(app, parts, authenticator);
  await registerTransferDoor(app, {
    calls: farm.calls,
    reads: farm.reads,
    blobs: options.blobs,
    authenticate: transferPrincipals(farm.calls, authenticator, clock, parts.addresses),
    log,
    clock,
  });
  if (options.webRoot !== undefined) await registerWeb(app, options.webRoot, publicHosts);
  await app.ready();

  takeUpgrades(app.server, nodeDoor);
  await listen(app.server, host, options.port);
  port = (app.server.address() as AddressInfo).port;
  let secure: SecureListener | null = null;
  try {
    if (options.tls !== undefined)
      secure = await startSecureListener(app, nodeDoor, options, options.tls, host);
  } catch (thrown) {
    await app.close();
    throw thrown;
  }
  const url = urlOf('http', host, port);
  log.info({ url, ...(secure === null ? {} : { tlsUrl: secure.url }) }, 'the server listens');
  return {
    url,
    port,
    tls: secure === null ? null : { url: secure.url, port: secure.port, certificate: secure.certificate },
    async close() {
      closing.abort();
      stopForgetting();
      await closeAll(app, secure?.server ?? null, nodeDoor, clock);
      await recorder.close();
    },
  };
}

interface SecureListener {
  readonly server: HttpsServer;
  readonly url: string;
  readonly port: number;
  readonly certificate: CertificateFacts;
}

/** A second listener for the same app: Fastify's router takes requests from any Node server. */
async function startSecureListener(
  app: FastifyInstance,
  nodeDoor: NodeDoor,
  options: ServerOptions,
  tls: NonNullable<ServerOptions['tls']>,
  host: string,
): Promise<SecureListener> {
  const names = [host, ...(options.publicHosts ?? [])].map(certificateName).filter((name) => name !== '');
  const { cert, key, certificatePath, fingerprint } =
    tls.files === undefined
      ? await ownCertificate(options.home, names, options.clock)
      : await operatorCertificate(tls.files);
  const server = createHttpsServer(
    {
      cert,
      key,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => app.routing(request, response),
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.setTimeout(IDLE_TIMEOUT_MS);
  takeUpgrades(server, nodeDoor);
  await listen(server, host, tls.port);
  const { port } = server.address() as AddressInfo;
  return { server, port, url: urlOf('https', host, port), certificate: { certificatePath, fingerprint } };
}

function takeUpgrades(server: NetServer, nodeDoor: NodeDoor): void {
  server.on('upgrade', (request, socket, head) => {
    if (nodeDoor.upgrade(request, socket, head)) return;
    socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
}

async function closeAll(
  app: FastifyInstance,
  secure: HttpsServer | null,
  nodeDoor: NodeDoor,
  clock: Clock,
): Promise<void> {
  nodeDoor.close();
  const servers: NetServer[] = [app.server, ...(secure === null ? [] : [secure])];
  const cancelCut = clock.after(CLOSE_GRACE_MS, () => {
    app.server.closeAllConnections();
    secure?.closeAllConnections();
  });
  const ended = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
  app.server.closeIdleConnections();
  secure?.closeIdleConnections();
  await Promise.all(ended);
  cancelCut();
  await app.close();
}
