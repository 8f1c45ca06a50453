/**
 * Schema 2: what the whole of the Renderbus API needs beyond the foundation. One part per area, so that each can be read
 * with the rules it serves. Never edited after its release.
 */
import type { Migration } from './migration.ts';
import { accountsPart } from './whole-api/accounts.ts';
import { blobsPart } from './whole-api/blobs.ts';
import { cataloguePart } from './whole-api/catalogue.ts';
import { moneyPart } from './whole-api/money.ts';
import { resultsPart } from './whole-api/results.ts';
import { signInPart } from './whole-api/sign-in.ts';
import { tasksPart } from './whole-api/tasks.ts';

export const wholeApi: Migration = {
  version: 2,
  name: 'whole-api',
  statements: (types) =>
    [accountsPart, signInPart, tasksPart, cataloguePart, moneyPart, blobsPart, resultsPart].flatMap((part) =>
      part(types),
    ),
};
