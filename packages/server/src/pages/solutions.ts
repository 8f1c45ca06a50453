/**
 * `/files/solutions/<code>?lang=zh|en`: the pages that CodeInfo's `solutionPath` names, and their list at
 * `/files/solutions`. They tell nothing about anybody, so they need no sign-in. Without `lang` the browser's languages
 * decide; a code that is not known gets a page with 404.
 */
import { createHash } from 'node:crypto';
import { loadTips } from '@croft/dcc';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PAGE_HEADERS } from './page-style.ts';
import { allCodesPage, tipPage, unknownCodePage } from './solution-page.ts';
import { type PageLanguage, UNKNOWN_CODE_PAGE } from './solution-path.ts';

/** The texts change with the program only; an hour bounds how long an old one is shown after an update. */
const CACHE = 'public, max-age=3600';

export function registerSolutions(app: FastifyInstance): void {
  app.get<{ Params: { code: string } }>('/files/solutions/:code', async (request, reply) => {
    const { code } = request.params;
    const first = languageOf(request);
    const tip = (await loadTips()).get(code);
    if (tip !== undefined) return send(request, reply, tipPage(tip, first));
    return send(request, reply.code(code === UNKNOWN_CODE_PAGE ? 200 : 404), unknownCodePage(first));
  });
  app.get('/files/solutions', async (request, reply) => {
    return send(request, reply, allCodesPage((await loadTips()).values(), languageOf(request)));
  });
}

function send(request: FastifyRequest, reply: FastifyReply, html: string): FastifyReply {
  const etag = `"${createHash('sha256').update(html).digest('base64url')}"`;
  reply
    .headers(PAGE_HEADERS)
    .header('cache-control', CACHE)
    .header('vary', 'accept-language')
    .header('etag', etag);
  if (reply.statusCode === 200 && request.headers['if-none-match'] === etag) return reply.code(304).send();
  return reply.send(html);
}

/** `lang` as the language's name or the API's number; else whichever of the two the browser prefers. */
function languageOf(request: FastifyRequest): PageLanguage {
  const { lang } = request.query as { lang?: unknown };
  if (lang === 'zh' || lang === '0') return 'zh';
  if (lang === 'en' || lang === '1') return 'en';
  const wanted = /\b(zh|en)\b/i.exec(request.headers['accept-language'] ?? '');
  return wanted?.[1]?.toLowerCase() === 'zh' ? 'zh' : 'en';
}
