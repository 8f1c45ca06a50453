/** Writes packages/server/openapi.json anew: `node packages/server/src/native/write-openapi.ts`. */
import { writeFile } from 'node:fs/promises';
import { openApiDocument } from './openapi.ts';

await writeFile(
  new URL('../../openapi.json', import.meta.url),
  `${JSON.stringify(openApiDocument(), null, 2)}\n`,
);
