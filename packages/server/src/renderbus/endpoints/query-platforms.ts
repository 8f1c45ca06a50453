import * as z from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { int } from '../fields.ts';
import { PLATFORMS } from '../platforms.ts';

/** A private domain always sends zone 2, so the list does not depend on it. */
export const endpoint = defineEndpoint({
  name: 'queryPlatforms',
  paths: ['/api/render/common/queryPlatforms'],
  mutates: false,
  request: z.object({ zone: int }),
  handle: async () => PLATFORMS.map((platform) => ({ ...platform, status: 1, isShow: 1 })),
});
