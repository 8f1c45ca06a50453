/**
 * Installing the launcher of `rayvision_transmitter`. The SDK makes everything in the launcher's folder writable for all
 * users of the machine each time before it starts it. So the folder holds the launcher and nothing else, others may not
 * enter it (0700, which that does not change), and no library is loaded from it.
 */
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cliErrors } from './errors.ts';

const NAME = 'rayvision_transmitter';

/** Writes the launcher into `folder`, which is made; gives its path. CLI_TRANSMITTER_FOLDER where it holds other things. */
export async function installTransmitter(
  folder: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  const file = platform === 'win32' ? `${NAME}.cmd` : NAME;
  const made = path.resolve(folder);
  await mkdir(made, { recursive: true, mode: 0o700 });
  const others = (await readdir(made)).filter((name) => name !== file);
  if (others.length > 0)
    throw cliErrors.CLI_TRANSMITTER_FOLDER(
      `${made} holds other files (${others[0]}); it must be new or empty`,
    );
  await chmod(made, 0o700);
  const main = fileURLToPath(new URL('./transmitter-main.ts', import.meta.url));
  const target = path.join(made, file);
  await writeFile(target, platform === 'win32' ? windowsLauncher(main) : posixLauncher(main), {
    mode: 0o755,
  });
  await chmod(target, 0o755);
  return target;
}

/**
 * The shell stays as parent: Node can die in ways (out of memory, a kill) whose exit code would make the SDK start it
 * again for ever. 10 and everything above 11 become 1.
 */
function posixLauncher(main: string): string {
  const cache = path.join(path.dirname(main), '../../../node_modules/.cache/croft/compiled');
  return `#!/bin/sh
# Croft's rayvision_transmitter, made by "croft transmitter"; start that again where Croft or its Node has moved.
# Keep this folder to yourself (0700): the Renderbus SDK makes this file writable for all.
node=${quoted(process.execPath)}
main=${quoted(main)}
unset LD_LIBRARY_PATH
: "\${NODE_COMPILE_CACHE:=${cache.replace(/[\\"$`]/g, '\\$&')}}"
export NODE_COMPILE_CACHE
if [ ! -x "$node" ] || [ ! -f "$main" ]; then
  echo "error: Croft is not at $main any more; run: croft transmitter DIR"
  exit 1
fi
"$node" --disable-warning=ExperimentalWarning "$main" "$@" </dev/null &
child=$!
trap 'kill -TERM "$child" 2>/dev/null' TERM INT HUP PIPE
wait "$child"
code=$?
while kill -0 "$child" 2>/dev/null; do
  wait "$child"
  code=$?
done
case $code in
  [0-9] | 11) exit "$code" ;;
esac
exit 1
`;
}

function windowsLauncher(main: string): string {
  const lines = [
    '@echo off',
    'rem Croft\'s rayvision_transmitter, made by "croft transmitter"; start that again where Croft has moved.',
    `"${process.execPath}" --disable-warning=ExperimentalWarning "${main}" %*`,
    'if %ERRORLEVEL% LSS 0 exit /b 1',
    'if %ERRORLEVEL% EQU 10 exit /b 1',
    'if %ERRORLEVEL% GTR 11 exit /b 1',
    'exit /b %ERRORLEVEL%',
    '',
  ];
  return lines.join('\r\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
