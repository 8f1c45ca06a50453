import * as z from 'zod';
import { serverErrors } from '../../errors.ts';
import { type ApiLanguage, codeInfo } from '../code-info.ts';
import { defineEndpoint } from '../endpoint.ts';
import { int, optional, texts } from '../fields.ts';

/**
 * What codes of tips.json mean: one record for each code asked for, in their order, also for unknown ones. `code` and
 * `codes` take one code or several, as text or number; `language` is 0 for Chinese (default) or 1 for English. In a record,
 * `type` 1 stops the SDK's check and 0 warns; `isRepair` 1 says that a change of the scene puts it right; `isOpen` 0 that
 * nothing is held against the scene, as the farm sees to it or nobody knows the code.
 */
export const endpoint = defineEndpoint({
  name: 'queryAnalyseErrorDetail',
  paths: ['/api/render/submit/queryAnalyseErrorDetail', '/api/render/common/queryErrorDetail'],
  mutates: false,
  request: z.object({
    code: optional(texts),
    codes: optional(texts),
    language: optional(int.pipe(z.union([z.literal(0), z.literal(1)]))),
  }),
  async handle({ code = [], codes = [], language = 0 }) {
    const asked = [...new Set([...code, ...codes])];
    if (asked.length === 0) throw serverErrors.API_PARAMETER_MISSING('code or codes is missing or empty');
    return Promise.all(asked.map((one) => codeInfo(one, language satisfies ApiLanguage)));
  },
});
