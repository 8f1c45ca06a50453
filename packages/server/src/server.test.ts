import { readFile, stat } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '@croft/contract';
import { afterEach, describe, expect, it } from 'vitest';
import { ownCertificate } from './http/certificate.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

const opened: TestServer[] = [];
const open = async (...options: Parameters<typeof startTestServer>) => {
  const test = await startTestServer(...options);
  opened.push(test);
  return test;
};
afterEach(async () => {
  for (const test of opened.splice(0)) await test.close();
});

function get(port: number, ca: string): Promise<number> {
  return new Promise((resolve, reject) => {
    httpsRequest({ host: '127.0.0.1', port, path: '/healthz', ca }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('listening', () => {
  it('says which port is taken, which address is not here, which certificate is none', async () => {
    const { server } = await open();
    await expect(startTestServer({ port: server.port })).rejects.toMatchObject({
      code: 'SERVER_PORT_IN_USE',
      exit: 7,
    });
    await expect(startTestServer({ host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'SERVER_ADDRESS_UNKNOWN',
    });
    const files = { certificatePath: '/nowhere/cert.pem', keyPath: '/nowhere/key.pem' };
    await expect(startTestServer({ tls: { port: 0, files } })).rejects.toMatchObject({
      code: 'SERVER_CERTIFICATE_INVALID',
    });
  });

  it('speaks TLS with its own certificate, made once and kept private', async () => {
    const { server, home } = await open({ tls: { port: 0 } });
    const { port, certificate } = server.tls!;
    expect(await get(port, await readFile(certificate.certificatePath, 'utf8'))).toBe(200);
    const key = await stat(join(home, 'tls', 'key.pem'));
    if (process.platform !== 'win32') expect(key.mode & 0o777).toBe(0o600);
    expect((await ownCertificate(home, [], systemClock)).fingerprint).toBe(certificate.fingerprint);
    const other = await ownCertificate(home, ['farm.example'], systemClock);
    expect(other.fingerprint).not.toBe(certificate.fingerprint);
  });

  it('closes within its grace although a silent connection is open', async () => {
    const test = await open();
    const idle = createConnection(test.server.port, '127.0.0.1');
    idle.on('error', () => {});
    await test.call('/api/render/setUp/queryUserProfile');
    const before = performance.now();
    await test.server.close();
    expect(performance.now() - before).toBeLessThan(6000);
    idle.destroy();
  });
});
