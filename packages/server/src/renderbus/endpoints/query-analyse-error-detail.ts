import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { optional, text } from '../fields.ts';
import { tipDetails } from '../tip-catalogue.ts';

/** Every checker iterates the reply and reads `type` of each element: a list always, never null. */
export const endpoint = defineEndpoint({
  name: 'queryAnalyseErrorDetail',
  paths: ['/api/render/submit/queryAnalyseErrorDetail', '/api/render/common/queryErrorDetail'],
  mutates: false,
  request: z.object({ code: text, language: optional(text) }),
  handle: async ({ code, language }) => tipDetails(code, language === '0' ? 0 : 1),
});
