import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int } from '../fields.ts';
import { softwareDetail } from '../software.ts';

/** `osName` is the client's own system, not a wish: it does not narrow the list. */
export const endpoint = defineEndpoint({
  name: 'querySoftwareDetail',
  paths: ['/api/render/plugin/querySoftwareDetail', '/api/render/common/querySupportedPlugin'],
  mutates: false,
  request: z.object({ cgId: int }),
  handle: async ({ cgId }, { reads }) => softwareDetail(await reads.catalogueApps(), cgId),
});
