/**
 * Writes docs/renderbus-api.md from the endpoints themselves, their schemas and the table of codes:
 *
 *   node scripts/write-renderbus-docs.ts [--check]
 *
 * What a call does is the comment above its `endpoint`; adding an endpoint adds it to the page.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_CODES, type ApiCodeFacts } from '../packages/contract/src/api-codes.ts';
import type { Endpoint } from '../packages/server/src/renderbus/endpoint.ts';
import { loadEndpoints } from '../packages/server/src/renderbus/registry.ts';
import { type RequestField, requestFields } from '../packages/server/src/renderbus/request-fields.ts';
import { checkout, type GeneratedPage, markdownTable, writeOrCheck } from './generated-page.ts';

const SCRIPT = 'scripts/write-renderbus-docs.ts';
const FOLDER = 'packages/server/src/renderbus/endpoints';
/** Fields that name a task or frame: unknown ones are 404, those of strangers 605. */
const NAMING = new Set(['taskId', 'taskIds', 'id', 'ids']);

/** The page as it is to be committed. */
export async function renderbusPage(): Promise<GeneratedPage> {
  const endpoints = [...new Set((await loadEndpoints()).values())].sort((a, b) =>
    a.name.localeCompare(b.name, 'en'),
  );
  const comments = commentsByName();
  const parts = [
    `<!-- Made by ${SCRIPT} from the endpoints and the table of codes: change those, then run it. -->`,
    '# The Renderbus API',
    INTRODUCTION,
    '## Overview',
    markdownTable(
      ['call', 'changes something', 'fields'],
      endpoints.map((endpoint) => [
        `[${endpoint.name}](#${endpoint.name.toLowerCase()})`,
        endpoint.mutates ? 'yes' : '',
        requestFields(endpoint.request)
          .map(({ name, isRequired }) => (isRequired ? `**${name}**` : name))
          .join(', '),
      ]),
    ),
    '## Calls',
    ...endpoints.map((endpoint) => endpointText(endpoint, comments.get(endpoint.name) ?? '')),
    '## Codes',
    CODES,
    codesTable(({ never, raisedBy }) => never === undefined && raisedBy === 'farm'),
    '### Codes that never occur here',
    'Clients know these numbers; on a farm of your own nothing can cause them.',
    markdownTable(
      ['code', 'message', 'English', '中文', 'why never'],
      codes()
        .filter(({ never }) => never !== undefined)
        .map((facts) => [...codeCells(facts), facts.never ?? '']),
    ),
    '### Codes of the client',
    'The SDK raises these itself; no farm answers with them.',
    codesTable(({ raisedBy }) => raisedBy === 'client'),
  ];
  return { path: 'docs/renderbus-api.md', text: `${parts.join('\n\n')}\n`, script: SCRIPT };
}

const INTRODUCTION = `Every call is a POST with a JSON object, signed as the Renderbus SDK signs; [From Python](python-sdk.md) shows how to point existing
scripts at a farm. The answer is always HTTP 200 with \`{version, result, message, code, serverTime, data, requestId}\`. A refusal has
another \`code\` than 200 and \`data: null\`; \`message\` is the code's own word, which programs compare. Beside it \`detail\` says in English
what exactly is wrong, and \`hint\` what to do, where there is something to say.

Paths are case-sensitive, and all paths of a call do the same. An integer may also come as its digits in text, a list as a single
value; unknown fields are ignored. Absent, \`null\` and \`""\` are the same for a field that is not needed. **Bold** fields are needed.

Paths that answers name lie below the farm's own address and open without signing in: \`grabUrl\` and the thumbnails of
loadingFrameThumbnail are pictures, \`iconPath\` is an icon where it is not null, \`solutionPath\` a page with the meaning of an analysis code
in English and Chinese; [all of these](analysis-codes.md) are on a page of their own.

Every call may answer 600 (a field has an impossible value), 601 (a field is missing or empty), 603 (not a signed POST with a JSON
object, or seen before), 605 (the key may not do that), 610 and 611 (clock or signature), 804 (account disabled), 500 (a mistake of
the farm's), 400 (too many calls: wait a moment). Calls that name tasks or frames answer 404 for unknown ones and 605 for those of others. Further codes stand with the
call.`;

const CODES = `\`message\` is spelled as clients expect it, mistakes included. The header \`languageFlag\` means different things in different releases
of the SDK, so answers do not depend on it: the texts for people, in both languages, are here.`;

function endpointText(endpoint: Endpoint, comment: string): string {
  const fields = requestFields(endpoint.request);
  const codes = codesOf(endpoint, fields);
  return [
    `### ${endpoint.name}`,
    ...(comment === '' ? [] : [escaped(comment)]),
    endpoint.paths.map((path) => `- \`${path}\``).join('\n'),
    fields.length === 0
      ? 'Takes no fields.'
      : markdownTable(
          ['field', 'takes', 'also named'],
          fields.map(({ name, takes, isRequired, aliases }) => [
            isRequired ? `**${name}**` : name,
            takes,
            aliases.join(', '),
          ]),
        ),
    ...(codes.length === 0 ? [] : [`Codes: ${codes.join(', ')}.`]),
  ].join('\n\n');
}

function codesOf(endpoint: Endpoint, fields: readonly RequestField[]): number[] {
  const named = fields.some(({ name }) => NAMING.has(name)) ? [404, 605] : [];
  return [...new Set([...named, ...(endpoint.codes ?? [])])].sort((a, b) => a - b);
}

/** Name of an endpoint → the comment above it, as one paragraph. */
function commentsByName(): Map<string, string> {
  const comments = new Map<string, string>();
  for (const file of readdirSync(join(checkout, FOLDER))) {
    const source = readFileSync(join(checkout, FOLDER, file), 'utf8');
    const match =
      /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?export const endpoint = defineEndpoint\(\{\s*name: '(\w+)'/.exec(
        source,
      );
    if (match === null) continue;
    const text = (match[1] ?? '').replace(/^\s*\*? ?/gm, '').replace(/\s+/g, ' ');
    comments.set(match[2]!, text.trim());
  }
  return comments;
}

function codes(): ApiCodeFacts[] {
  return Object.values(API_CODES);
}

function codesTable(wanted: (facts: ApiCodeFacts) => boolean): string {
  return markdownTable(['code', 'message', 'English', '中文'], codes().filter(wanted).map(codeCells));
}

function codeCells({ code, message, en, zh }: ApiCodeFacts): string[] {
  return [String(code), `\`${message}\``, en, zh];
}

/** Placeholders such as <id> would vanish as HTML. */
function escaped(text: string): string {
  return text.replaceAll('<', '&lt;');
}

if (import.meta.main) writeOrCheck(await renderbusPage(), process.argv.slice(2));
