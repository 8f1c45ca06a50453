/**
 * Writes docs/cli.md from the commands' own specs, so that the page says what the program does:
 *
 *   node scripts/write-cli-docs.ts [--check]
 */
import type { CommandSpec } from '../packages/cli/src/command-spec.ts';
import { COMMANDS } from '../packages/cli/src/commands/index.ts';
import { EXIT_TABLE } from '../packages/cli/src/exits.ts';
import { type GeneratedPage, markdownTable, writeOrCheck } from './generated-page.ts';

/** What the environment may hold. The test compares the names with those that the programs read. */
export const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['CROFT_HOME', 'home folder of the farm and of the settings; default `~/.croft`'],
  ['CROFT_SERVER', 'address of the farm, `http://farm:8420`; `host:port` means http'],
  ['CROFT_ACCESS_ID', 'access key, its id; where it is not set, `RAYVISION_API_ACCESS_ID` counts'],
  ['CROFT_ACCESS_KEY', 'access key, its secret; where it is not set, `RAYVISION_API_KEY` counts'],
  ['CROFT_CA', 'certificate (PEM) to trust beside those of the system; as `--ca`'],
  ['CROFT_NODE_CODE', 'code with which a node joins, instead of `--code`: it then shows in no process list'],
  [
    'CROFT_STALL_SECONDS',
    'how long no byte of a transfer may move before its connection is made anew, 1 to 60 (default 15); the transmitter reads it, too',
  ],
  [
    'CROFT_LOCAL_DB',
    'file that remembers what was sent, so that unchanged files are not read again (default `sent-files.sqlite` in the cache folder of the user, `~/.cache/croft`); `off`: none',
  ],
  ['CROFT_SYNC', '`always` or `never`: as `--sync`, see [storage.md](storage.md)'],
  ['CROFT_BLOBS', 'bucket that keeps the bytes of a new farm; as `--blobs`: see [storage.md](storage.md)'],
  ['CROFT_S3_KEY_ID', 'the key for that bucket; where it is not set, it is looked for as Amazon’s tools do'],
  ['CROFT_S3_SECRET_FILE', 'file with the secret of that key'],
  ['CROFT_S3_SECRET', 'the secret itself, instead'],
  ['CROFT_LOG', 'how much farm and node write to their log: debug, info, warn or error; default info'],
  ['CROFT_TIME_ZONE', 'zone of the times that the Renderbus API writes without one; default the machine’s'],
  [
    'CROFT_BLENDER',
    'Blender executables that a node offers before those it finds; several separated as in PATH',
  ],
  ['NO_COLOR', 'any value: no colours'],
];

/** What stands on the line of stdout with --json. New fields may come, none goes. */
const RESULTS: readonly (readonly [string, string])[] = [
  [
    'render, download, demo',
    'taskId, status, statusText, frames {total, done, running, waiting, failed, stopped}, failures [{frame, code, reason, count}], warnings, folder, downloaded {files, bytes}, phaseMs; demo also farmMs, totalMs, url, signInUrl',
  ],
  ['download --now', 'taskId, folder, files, bytes'],
  ['analyse', 'app, scene, task, tips, assets, missing, notes, bytes, files'],
  ['upload', 'files, bytes, unsendable [{path, why}]'],
  ['tasks', 'total, page, size, items'],
  ['task', 'the task, its frames as frameRows, with --results the published files as results'],
  ['nodes', 'total, items'],
  ['logs', 'taskId, frame, text'],
  ['stop, start, abandon, delete, retry', 'taskIds, done'],
  [
    'up, server',
    'once it is ready: url, home, accessId, accountId, signInUrl; with TLS also tlsUrl and the certificate',
  ],
  ['node', 'once it is ready: nodeId, home, server'],
  ['node-code', 'code, expiresAt (milliseconds since 1970), url'],
  ['keys create', 'accessId, accessKey, accountId'],
  ['transmitter', 'path'],
  ['backup', 'folder, files, bytes'],
  ['restore', 'home, files, bytes'],
];

const GROUPS: readonly (readonly [CommandSpec['group'], string])[] = [
  ['Render', 'Rendering'],
  ['Look', 'Looking'],
  ['Steer', 'Steering'],
  ['Farm', 'The farm'],
];

/** The page as it is to be committed. */
export function cliPage(): GeneratedPage {
  const parts = [
    '<!-- Made by scripts/write-cli-docs.ts from the commands themselves: change those, then run it. -->',
    '# The command line',
    'In a checkout the program is `./croft`; the pages of this project write `croft`. `croft help COMMAND` shows what stands here. `./croft test` is the one command that only the launcher has: it runs the suites (see CONTRIBUTING.md).',
    overview(),
    '## Settings',
    'Flags come first, then the environment, then the `client.json` that `croft up` and `croft server` write to the home folder, then defaults.',
    markdownTable(
      ['variable', 'meaning'],
      ENVIRONMENT.map(([name, meaning]) => [`\`${name}\``, meaning]),
    ),
    '## Exit codes',
    markdownTable(
      ['code', 'meaning'],
      EXIT_TABLE.map(([code, meaning]) => [String(code), meaning]),
    ),
    'Every error also has a stable name; [errors.md](errors.md) lists them with their exit codes.',
    '## For programs: `--json`',
    jsonContract(),
    ...GROUPS.flatMap(([group, heading]) => [
      `## ${heading}`,
      ...COMMANDS.filter((spec) => spec.group === group).map(commandText),
    ]),
  ];
  return { path: 'docs/cli.md', text: `${parts.join('\n\n')}\n`, script: 'scripts/write-cli-docs.ts' };
}

function overview(): string {
  return markdownTable(
    ['command', ''],
    COMMANDS.map((spec) => [`[\`${spec.usage}\`](#${nameOf(spec)})`, spec.summary]),
  );
}

function jsonContract(): string {
  return [
    'With `--json` stdout holds exactly one line of JSON: the result, or `{"error": {"code", "message", "hint", "status", "exit"}}`. Everything else goes to stderr as one JSON object a line, told apart by `message_type`: `progress`, `note`, `warning`. The exit codes are the same. Fields and kinds are only ever added.',
    '',
    markdownTable(['command', 'the line on stdout'], RESULTS),
    '',
    'A `progress` line has `phase` (analyse, check, upload, submit, render, download) and `state`: `started`; `done` with elapsedMs; `found` (what the scene needs); `created` with taskId and warnings; `moving` with filesDone, filesTotal, bytesDone, bytesTotal, bytesPerSecond, msLeft; `frames` with frames, msLeft, waitingFor; `frame` with frame, status, percent; `file` with file, bytes.',
  ].join('\n');
}

function commandText(spec: CommandSpec): string {
  const parts = [
    `### ${nameOf(spec)}`,
    `\`croft ${spec.usage}\`${spec.options.length > 0 ? ' `[options]`' : ''}: ${spec.summary}.`,
  ];
  if (spec.details !== undefined) parts.push(escaped(spec.details));
  const options = [...spec.options, ['--json', 'one JSON line on stdout; see above'] as const];
  parts.push(
    markdownTable(
      ['option', 'meaning'],
      options.map(([flags, meaning]) => [`\`${flags}\``, escaped(meaning)]),
    ),
  );
  parts.push(spec.examples.map(([line, meaning]) => `- \`${line}\`: ${escaped(meaning)}`).join('\n'));
  const exits = spec.exits ?? [];
  if (exits.length > 0)
    parts.push(`Exit codes: ${exits.map(([code, meaning]) => `${code} ${escaped(meaning)}`).join('; ')}.`);
  return parts.join('\n\n');
}

function nameOf(spec: CommandSpec): string {
  return spec.usage.split(' ')[0] ?? '';
}

/** Placeholders such as <id> would vanish as HTML. */
function escaped(text: string): string {
  return text.replaceAll('<', '&lt;');
}

if (import.meta.main) writeOrCheck(cliPage(), process.argv.slice(2));
