/**
 * `/download/RaysyncCmd.zip`, `/download/RaysyncMac.zip` and `/download/Raysync Client.zip`: what rayvision_sync fetches,
 * unsigned and over HTTPS, when its engine "raysyncproxy" is used for the first time, and unpacks into its own folder. It
 * holds no program of its own: its scripts start the Croft of that machine (`croft raysync-proxy`).
 *
 * The SDK reads the port of the service from cluster.xml: the first child of the first child of the root. Each minute has
 * another port, so that two installations of the SDK on one machine hardly ever meet, and yet two transfers that begin at
 * once and unpack over each other get the same. For Windows it never changes, since the SDK there fetches the archive anew
 * before each transfer.
 */
import { type Clock, MINUTE, stableHash } from '@croft/contract';
import type { FastifyInstance } from 'fastify';
import { serverErrors } from '../errors.ts';
import { type ZipFile, zipOf } from '../http/zip.ts';

/** Below the ports that systems hand out by themselves. */
const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;
const WINDOWS_PORT = 24_420;

const PACKAGES: Readonly<Record<string, (now: number) => ZipFile[]>> = {
  'RaysyncCmd.zip': (now) => posixFiles('RaysyncCmd', portAt(now)),
  'RaysyncMac.zip': (now) => posixFiles('RaysyncMac/RaysyncClientManager.app/Contents/MacOS', portAt(now)),
  'Raysync Client.zip': () => windowsFiles('Raysync Client', WINDOWS_PORT),
};

function portAt(now: number): number {
  return FIRST_PORT + (stableHash(`raysync ${Math.floor(now / MINUTE)}`) % (LAST_PORT - FIRST_PORT + 1));
}

export function registerRaysyncPackages(app: FastifyInstance, clock: Clock): void {
  app.get<{ Params: { name: string } }>('/download/:name', async (request, reply) => {
    const { name } = request.params;
    const files = Object.hasOwn(PACKAGES, name) ? PACKAGES[name] : undefined;
    if (files === undefined) throw serverErrors.NATIVE_NOT_FOUND('there is no such package');
    return reply
      .header('content-type', 'application/zip')
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff')
      .send(zipOf(files(clock.now())));
  });
}

function posixFiles(folder: string, port: number): ZipFile[] {
  return [
    { name: `${folder}/cluster.xml`, text: cluster(port) },
    { name: `${folder}/start.sh`, text: posixScript('start'), isProgram: true },
    { name: `${folder}/stop.sh`, text: posixScript('stop'), isProgram: true },
    // The SDK looks whether it is there; on macOS it starts it.
    { name: `${folder}/Raysync-sdk`, text: posixScript('start'), isProgram: true },
    { name: `${folder}/README.txt`, text: README },
  ];
}

function windowsFiles(folder: string, port: number): ZipFile[] {
  return [
    { name: `${folder}/cluster.xml`, text: cluster(port) },
    { name: `${folder}/start.cmd`, text: windowsScript('start'), isProgram: true },
    { name: `${folder}/stop.cmd`, text: windowsScript('stop'), isProgram: true },
    { name: `${folder}/README.txt`, text: README.replaceAll('\n', '\r\n') },
  ];
}

function cluster(port: number): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<cluster>
  <service>
    <port value="${port}"/>
  </service>
</cluster>
`;
}

/** The SDK changes the library path for its own programs; Croft's are not among them. */
function posixScript(order: 'start' | 'stop'): string {
  return `#!/bin/sh
# Made by a Croft farm; README.txt beside this file says what it is for.
here=$(cd "$(dirname "$0")" && pwd -P) || exit 1
unset LD_LIBRARY_PATH
program=\${CROFT_PROGRAM:-croft}
if ! command -v "$program" >/dev/null 2>&1; then
  echo "croft: there is no $program on this machine: install Croft, or set CROFT_PROGRAM to its launcher (see $here/README.txt)" >&2
  exit 1
fi
exec "$program" raysync-proxy ${order} "$here" >/dev/null
`;
}

function windowsScript(order: 'start' | 'stop'): string {
  return [
    '@echo off',
    'rem Made by a Croft farm; README.txt beside this file says what it is for.',
    'if not defined CROFT_PROGRAM set "CROFT_PROGRAM=croft"',
    `"%CROFT_PROGRAM%" raysync-proxy ${order} "%~dp0." >nul`,
    '',
  ].join('\r\n');
}

const README = `The transfer service for rayvision_sync with engine_type="raysyncproxy"
======================================================================

rayvision_sync starts and stops the service with the scripts in this folder and speaks to it at the port in cluster.xml.
The service itself is part of Croft, which must be on this machine: "croft" on the PATH, or its launcher named in the
environment as CROFT_PROGRAM. Until it can be started, rayvision_sync waits without a word.

Linux:   nothing more to do.
macOS:   once: chmod +x Raysync-sdk (Python unpacks archives without that right).
Windows: start start.cmd by hand before the transfer; rayvision_sync looks for a program of its own there, finds none,
         and waits until the service answers.

The service serves the user who started it and nobody else, and ends when nothing has asked it for three days.
`;
