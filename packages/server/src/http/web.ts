/** The web page: static files under a policy that runs nothing but them. */
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { checkHost } from './host-check.ts';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `root` is an absolute folder path. */
export async function registerWeb(
  app: FastifyInstance,
  root: string,
  publicHosts: readonly string[],
): Promise<void> {
  await app.register(async (web) => {
    web.addHook('onRequest', async (request) => checkHost(request.headers.host, publicHosts));
    await web.register(fastifyStatic, {
      root,
      cacheControl: false,
      setHeaders(reply) {
        reply.header('cache-control', 'no-cache');
        reply.header('content-security-policy', POLICY);
        reply.header('x-content-type-options', 'nosniff');
        reply.header('referrer-policy', 'no-referrer');
      },
    });
  });
}
