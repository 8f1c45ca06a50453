/**
 * Writes docs/native-api.md from the routes of the native API:
 *
 *   node scripts/write-native-docs.ts [--check]
 *
 * The same routes make the OpenAPI document, which has every detail; this page is for finding what there is.
 */
import type { NativeRoute } from '../packages/server/src/native/route.ts';
import { nativeRoutes } from '../packages/server/src/native/routes.ts';
import {
  inWords,
  type RequestField,
  requestFields,
} from '../packages/server/src/renderbus/request-fields.ts';
import { type GeneratedPage, markdownTable, writeOrCheck } from './generated-page.ts';

const SCRIPT = 'scripts/write-native-docs.ts';

const INTRODUCTION = `How to sign, what errors look like and how live events come is told in [The HTTP API](api.md). All paths lie below \`/api/v1\`; the
full description with the schemas of answers is at \`/api/v1/openapi.json\` of a running farm. **Bold** fields are needed.`;

/** The page as it is to be committed. */
export function nativePage(): GeneratedPage {
  const routes = [...nativeRoutes].sort((a, b) =>
    `${a.path} ${a.method}`.localeCompare(`${b.path} ${b.method}`, 'en'),
  );
  const parts = [
    `<!-- Made by ${SCRIPT} from the routes of the native API: change those, then run it. -->`,
    '# The native API, route by route',
    INTRODUCTION,
    ...routes.map(routeText),
  ];
  return { path: 'docs/native-api.md', text: `${parts.join('\n\n')}\n`, script: SCRIPT };
}

function routeText(route: NativeRoute): string {
  const fields = [
    ...fieldRows('query', route.query === undefined ? [] : requestFields(route.query)),
    ...fieldRows('body', route.body === undefined ? [] : requestFields(route.body)),
  ];
  const answer = 'json' in route.answers ? inWords(route.answers.json) : `\`${route.answers.type}\``;
  return [
    `## ${route.method} ${route.path}`,
    `${escaped(route.summary)}.${route.open ? ' Open to everybody.' : ''}`,
    ...(fields.length === 0 ? [] : [markdownTable(['field', 'in', 'takes'], fields)]),
    `Answers ${answer}.`,
  ].join('\n\n');
}

function fieldRows(place: string, fields: readonly RequestField[]): string[][] {
  return fields.map(({ name, takes, isRequired }) => [isRequired ? `**${name}**` : name, place, takes]);
}

/** Placeholders such as <id> would vanish as HTML. */
function escaped(text: string): string {
  return text.replaceAll('<', '&lt;');
}

if (import.meta.main) writeOrCheck(nativePage(), process.argv.slice(2));
