/**
 * Writes docs/errors.md from the catalogues of all rooms:
 *
 *   node scripts/write-error-docs.ts [--check]
 *
 * What an error means stands here, since a catalogue holds only what is the same for each throw; a test names an error
 * without a meaning.
 */
import { cliErrors } from '../packages/cli/src/errors.ts';
import { catalogueErrors } from '../packages/contract/src/catalogue-file.ts';
import { type ErrorKind, errorKinds } from '../packages/contract/src/croft-error.ts';
import { frameErrors } from '../packages/contract/src/frame-runs.ts';
import { jsonErrors } from '../packages/contract/src/raw-json.ts';
import { taskFileErrors } from '../packages/contract/src/task-files.ts';
import { pathErrors } from '../packages/contract/src/tree-path.ts';
import { dccErrors } from '../packages/dcc/src/errors.ts';
import { farmErrors } from '../packages/farm/src/errors.ts';
import { nodeErrors } from '../packages/node/src/errors.ts';
import { sdkErrors } from '../packages/sdk/src/errors.ts';
import { serverErrors } from '../packages/server/src/errors.ts';
import { transferErrors } from '../packages/transfer/src/errors.ts';
import { type GeneratedPage, markdownTable, writeOrCheck } from './generated-page.ts';

/** One sentence for each code. */
export const MEANINGS: Readonly<Record<string, string>> = {
  PATH_REFUSED: 'A path from outside leaves its root or holds what no path may hold.',
  FRAMES_INVALID: 'The frames are not written as the farm reads them.',
  JSON_INVALID: 'The text is no JSON, or beyond the limits.',
  TASK_FILE_INVALID: 'One of the four files of a task is not as it must be; the sentence names the place.',
  CATALOGUE_INVALID: 'catalogue.json is not as it must be; the sentence names the first wrong places.',
  CLI_USAGE: 'The command line is not understood.',
  CLI_SETTINGS_INVALID: 'A flag, a variable or client.json holds something unusable.',
  CLI_NO_FARM: 'No farm is named, and the home knows none.',
  CLI_NO_KEY: 'A farm is known, but no access key for it.',
  CLI_HOME_IN_USE: 'Another process uses the home.',
  CLI_HOME_UNUSABLE: 'The home, or a file in it, cannot be read or written.',
  CLI_PORT_IN_USE: 'Another program listens on the port.',
  CLI_CERTIFICATE_UNREADABLE: 'The file given with --ca is no PEM certificate.',
  CLI_FILE_UNREADABLE: 'A file named on the command line cannot be read.',
  CLI_OUTPUT_FOLDER: 'The folder for the frames cannot be made.',
  CLI_UPLOAD_FILE: 'The file given is no upload.json that can be read.',
  CLI_TRANSMITTER_FOLDER: 'The folder for rayvision_transmitter holds other files.',
  CLI_NODE_DIED: 'The node of "croft up" ended before it ever ran.',
  CLI_SERVICE_DIED: 'The transfer service of the engine "raysyncproxy" ended before it answered.',
  CLI_BACKUP_REFUSED: 'The folder for a backup, or the home for a restore, is not empty.',
  CLI_BACKUP_DAMAGED: 'A file of the backup is missing or is not what its manifest says.',
  CLI_SCRUB_BROKEN: 'The farm broke off while its stored bytes were read; what it found until then was told.',
  CLI_INTERRUPTED: 'Ctrl-C or SIGTERM.',
  CLI_DISK_FULL: 'The disk is full.',
  CLI_ACCOUNT_UNKNOWN: 'None of the accounts that the caller manages has that name or id.',
  CLI_SAMPLE_MISSING: 'The example scene is not in this checkout.',
  DCC_NO_SUCH_FILE: 'There is no such scene file.',
  DCC_NOT_A_SCENE: 'The file is no scene of a known application.',
  DCC_SCENE_TRUNCATED: 'The scene file ends too early.',
  DCC_LFS_POINTER: 'The file is a pointer of Git LFS, not the scene.',
  DCC_SCENE_DAMAGED: 'The scene file contradicts itself.',
  DCC_TOO_LARGE: 'The scene goes beyond a limit of the reader.',
  DCC_NO_CAMERA: 'The scene has no active camera.',
  DCC_FRAMES_INVALID: 'The frames are not written as the farm reads them.',
  DCC_LAYERS_INVALID: 'The task renders by layers, and its layers cannot be rendered so.',
  DCC_SETTING_INVALID: 'A value in task.json is impossible.',
  DCC_SETTING_UNSUPPORTED: 'A value in task.json asks for what this application cannot do.',
  DCC_SETTINGS_DAMAGED: 'The frozen settings of a task cannot be read by this node.',
  DCC_APP_UNKNOWN: 'There is no application of that name.',
  DCC_APP_NOT_STARTED: 'The application could not be started.',
  TRANSFER_BAD_REQUEST: 'A request of the transfer protocol is malformed.',
  TRANSFER_PACK_INVALID: 'A pack of small files is malformed.',
  TRANSFER_TOO_LARGE: 'A part, pack or list is beyond its limit.',
  TRANSFER_NOT_SIGNED_IN: 'The request is not signed, or not by a known key.',
  TRANSFER_STORAGE_REFUSED: 'The storage id does not belong to the account, or is none.',
  TRANSFER_NOT_ALLOWED: 'This key, or this attempt, may not do that.',
  TRANSFER_RANGE_REFUSED: 'The file has no such range of bytes.',
  TRANSFER_NOT_FOUND: 'There is no such file in the tree.',
  TRANSFER_BLOB_MISSING: 'A path was to point to bytes that the farm does not have from this account.',
  TRANSFER_HASH_MISMATCH: 'The bytes that arrived are not those that their id names; none is kept.',
  TRANSFER_UPLOAD_INCOMPLETE: 'Parts of a long file are still missing.',
  TRANSFER_PART_SUPERSEDED: 'A newer request sends the same part; this one gives way.',
  TRANSFER_BLOB_CORRUPT: 'Stored bytes have changed on the disk; they are not delivered.',
  TRANSFER_NO_SPACE: 'The disk has no room for the bytes.',
  TRANSFER_STORE_LOCKED: 'Another process holds the stored bytes.',
  TRANSFER_STORE_ADDRESS: "The address of the store for the farm's bytes cannot be read.",
  TRANSFER_STORE_REFUSED: 'The S3 server does not know the bucket or the key, or the key lacks a right.',
  TRANSFER_STORE_UNREACHABLE: "The S3 server that keeps the farm's bytes does not answer.",
  TRANSFER_STORE_OTHER: 'The farm keeps its bytes in another store, or the bucket belongs to another farm.',
  TRANSFER_FILE_CHANGED: 'A file changed while it was sent.',
  TRANSFER_FILE_UNREADABLE: 'A file to send cannot be read.',
  TRANSFER_PLACE_REFUSED: 'A file would be written outside its folder, or its name means a device.',
  TRANSFER_SOURCE_CHANGED: 'The path got other bytes on the farm while it was fetched.',
  TRANSFER_UNREACHABLE: 'The farm does not answer.',
  TRANSFER_NOT_TRUSTED: 'The certificate of the farm is not one to trust; nothing was sent.',
  TRANSFER_HOST_UNKNOWN: 'There is no host of that name.',
  TRANSFER_ANSWER_INVALID: 'What answered does not speak the transfer protocol.',
  TRANSFER_INTERRUPTED: 'The transfer was stopped.',
  FARM_NOT_FOUND: 'There is no such task, frame or other thing.',
  FARM_NOT_YOURS: 'It belongs to another account.',
  FARM_NOT_ALLOWED: 'The account, or the key it uses, has no right to do that.',
  FARM_ACCOUNT_UNKNOWN: 'There is no account of this name.',
  FARM_ACCOUNT_LOCKED: 'The account is disabled, or locked for a time after many wrong passwords.',
  FARM_PASSWORD_WRONG: 'The password is not that of the account.',
  FARM_ADDRESS_REFUSED: 'The account may not be used from this address.',
  FARM_BUSY: 'Too many people sign in at this moment.',
  FARM_INVALID: 'A value of a call is impossible.',
  FARM_CODE_INVALID: 'A sign-in or node code is wrong, used or too old.',
  FARM_ACCOUNT_EMAIL: 'The e-mail address is none, or another account has it.',
  FARM_ACCOUNT_NAME: 'The name of an account cannot be that, or another account has it.',
  FARM_ACCOUNT_HAS_TASKS: 'An account that still has tasks is not deleted.',
  FARM_ACCOUNT_IN_ARREARS: 'An account that owes money is not deleted.',
  FARM_ACCOUNT_HAS_BALANCE: 'An account with money left is not deleted.',
  FARM_PROJECT_EXISTS: 'There is a project of that name already.',
  FARM_BLOB_MISSING: 'A path was to point to bytes that are not there.',
  FARM_INPUTS_GONE:
    'The isolated files of a task that is over were kept for 15 or 20 days, and are gone; it cannot render again.',
  FARM_TASK_FILE_MISSING: 'A task was submitted without its task.json.',
  FARM_TASK_FILE_INVALID: 'The task.json of the task cannot be used.',
  FARM_APP_UNKNOWN: 'The task is for an application that this farm does not know.',
  FARM_VERSION_UNKNOWN: 'No node has a version of the app that could render the task, and none is declared.',
  FARM_PLUGIN_UNKNOWN: 'The task asks for a plug-in that the operator does not declare for its app.',
  FARM_HARDWARE_UNKNOWN: 'The chosen hardware is on no list of the farm, or switched off.',
  FARM_HARDWARE_UNFIT: 'The chosen hardware cannot render this app, version, plug-in or scene.',
  FARM_PACKAGE_UNKNOWN:
    'The task names a package of nodes that its account may not use, or that is not there.',
  FARM_ENV_UNKNOWN: 'There is no render environment of that name for this account.',
  FARM_ENV_EXISTS: 'Another render environment has the name.',
  FARM_SCENE_MISSING: 'The scene was not uploaded to where task.json says.',
  FARM_TASK_STATE: 'A task in this status cannot do that.',
  FARM_STORE_NEWER: 'A newer Croft has written this home.',
  FARM_STORE_FAILED: 'The database failed.',
  FARM_STORE_BUSY: 'Another Croft holds the database.',
  FARM_MASTER_KEY: 'The master key is missing or wrong.',
  FARM_CLOSED: 'The farm is stopping.',
  SERVER_PORT_IN_USE: 'Another program listens on the port.',
  SERVER_PORT_REFUSED: 'This user may not listen on the port.',
  SERVER_ADDRESS_UNKNOWN: 'This machine has no such address.',
  SERVER_CERTIFICATE_INVALID: 'Certificate or key cannot be used.',
  SERVER_NO_CERTIFICATE: 'The home holds no certificate that the farm made.',
  TOO_MANY_CALLS: 'One key calls more often than the farm takes, or too many long requests are under way.',
  API_PARAMETER_INVALID: 'A field of a Renderbus call has an impossible value.',
  API_PARAMETER_MISSING: 'A field of a Renderbus call is missing.',
  API_ILLEGAL: 'A Renderbus call that is not allowed as it came.',
  API_NO_SUCH_ENDPOINT: 'The Renderbus API has no such call, or this farm has it not yet.',
  API_NOT_FOUND: 'What a Renderbus call names does not exist.',
  SIGNATURE_EXPIRED: 'The request was signed too long ago, or in the future.',
  SIGNATURE_INVALID: 'Key or signature do not fit.',
  SIGNATURE_REPLAYED: 'The same signed request came before.',
  KEY_LOCKED: 'The access key, its account or the main account of that is disabled or has ended.',
  KEY_RIGHTS_TOO_FEW: 'The access key was made for less than this.',
  NATIVE_NOT_SIGNED_IN: 'The request has neither signature nor session.',
  NATIVE_CSRF: 'A request with a cookie did not come from a page of the farm.',
  NATIVE_HOST_REFUSED: 'The farm is asked under a name that it does not know as its own.',
  SCRUB_NOT_ALLOWED: 'Only an administrator may have all stored bytes read.',
  SCRUB_RUNNING: 'All stored bytes are being read already; two at once would only be slower.',
  SCRUB_ENDED: 'The reading of all stored bytes ended early: the farm ended, or nobody listened any more.',
  NATIVE_NOT_FOUND: 'There is nothing at this address.',
  NATIVE_METHOD_REFUSED: 'The address does not take this method.',
  NATIVE_INPUT_INVALID: 'A field of the request is missing or impossible.',
  NATIVE_OWN_ADDRESS: 'A list of addresses would shut out whoever sets it.',
  NATIVE_TOO_LARGE: 'The body is larger than such a request ever is.',
  NATIVE_TOO_MANY_FAILURES: 'Too many wrong codes from this address.',
  RAYSYNC_ACCOUNT_REFUSED:
    'Account name and key of the engine "raysyncproxy" do not belong to who may use the storage.',
  ATTEMPT_TOKEN_INVALID: 'The token of a node is of no live attempt.',
  NODE_LINK_PROTOCOL: 'A node sent something that is not in the protocol.',
  NODE_LINK_UNKNOWN_NODE: 'The farm does not know this node.',
  NODE_LINK_PROOF_WRONG: "The node's key is not the one it joined with.",
  NODE_LINK_REPLACED: 'The same node has connected again.',
  NODE_CODE_REFUSED: 'The farm does not accept the code.',
  NODE_FARM_UNREACHABLE: 'The node cannot reach the farm.',
  NODE_NOT_ENROLLED: 'The node has joined no farm yet.',
  NODE_HOME_IN_USE: 'Another node uses the home.',
  NODE_HOME_UNUSABLE: "The node's home cannot be used.",
  NODE_STOPPED: 'The node was told to stop.',
  NODE_APP_MISSING: 'The node has not the application, or not in a version that fits.',
  NODE_BUSY: 'All slots of the node are taken.',
  NODE_DRAINING: 'The node takes no more work.',
  NODE_APP_NOT_STARTED: 'The application could not be started.',
  NODE_APP_EXITED: 'The application ended in the middle of the frame.',
  NODE_START_TIMEOUT: 'The application did not open the scene in time.',
  NODE_FRAME_TIMEOUT: "The frame took longer than the task's limit.",
  NODE_OUT_OF_MEMORY: 'The frame needed more memory than the machine has.',
  NODE_NO_OUTPUT: 'The application said done, but wrote no picture.',
  NODE_OUTPUT_DAMAGED: 'The picture that was written does not decode.',
  NODE_OUTPUT_REFUSED: 'A result is no regular file below its folder, or not of this attempt.',
  NODE_DISK_FULL: 'The disk of the node is full.',
  NODE_INPUT_MISSING: 'An input of the task is not on the farm.',
  NODE_TOKEN_REFUSED: 'The farm does not accept the attempt any more.',
  NODE_INTERNAL: 'An error in the node itself; please report it.',
  SDK_FARM_UNREACHABLE: 'Nobody answers at the address.',
  SDK_NOT_TRUSTED: 'The certificate of the farm is not one to trust; nothing was sent.',
  SDK_CONNECTION_LOST: 'The connection broke; the request may have arrived.',
  SDK_TOO_MANY_CALLS: 'The farm holds calls back, since they come too often.',
  SDK_SERVER_BUSY: 'The farm, or a proxy before it, is starting, stopping or overloaded.',
  SDK_REPLY_INVALID: 'Something answers, but not as a Croft farm does.',
  SDK_KEY_REFUSED: 'The farm knows neither key nor signature, or the clock is off.',
  SDK_FORBIDDEN: 'The farm does not allow it to this key.',
  SDK_API_ERROR: 'The Renderbus API refused for another reason, which the sentence tells.',
  SDK_NOT_FOUND: 'There is no such task or frame.',
  SDK_SCENE_HAS_ERRORS: 'The analysis found something that keeps the scene from being rendered.',
  SDK_VERSION_MISSING: 'No node has a version of the application that opens the scene.',
  SDK_ENVIRONMENT_MISSING: 'The account has no render environment of that name.',
  SDK_HARDWARE_MISSING: 'The farm has no hardware as asked for.',
  SDK_FILE_FAILED: 'A file or folder on this machine could not be read or written.',
  SDK_TRANSMIT_USAGE: 'The command line of rayvision_transmitter is not understood.',
  SDK_UPLOAD_SOURCE: 'A file or folder named for an upload is not there or cannot be read.',
  SDK_TRANSMIT_LIST: 'An upload.json or a list of paths cannot be read.',
  SDK_DISK_FULL: 'The disk of this machine is full.',
};

interface Room {
  readonly name: string;
  readonly about: string;
  readonly kinds: Readonly<Record<string, ErrorKind>>;
}

/** All catalogues, in the order of the page. */
export function catalogues(): Room[] {
  const room = (name: string, about: string, ...parts: object[]): Room => ({
    name,
    about,
    kinds: Object.assign({}, ...parts.map(errorKinds)),
  });
  return [
    room('Command line', 'What a command says before it speaks to a farm.', cliErrors),
    room(
      'Words shared by all',
      'Paths, frames, JSON and the four files of a task.',
      pathErrors,
      frameErrors,
      jsonErrors,
      taskFileErrors,
      catalogueErrors,
    ),
    room('Scenes', 'About the scene and its settings.', dccErrors),
    room(
      'Client',
      'What the command line and the TypeScript SDK say about the farm they speak to.',
      sdkErrors,
    ),
    room('Transfer', 'Moving files, either way.', transferErrors),
    room('Farm', 'What the farm itself refuses.', farmErrors),
    room('Server', 'The doors: Renderbus API, native API, node link.', serverErrors),
    room('Node', 'Joining a farm, and why a frame failed on a machine.', nodeErrors),
  ];
}

/** The page as it is to be committed. */
export function errorPage(): GeneratedPage {
  const parts = [
    '<!-- Made by scripts/write-error-docs.ts from the catalogues of all rooms: change those, then run it. -->',
    '# Errors',
    'Every error has a code that stays. With `--json`, in logs and at every door it comes as `{code, message, hint, status, exit}`, plus `apiCode` where the Renderbus API has one. *exit* is the exit code of the command line ([cli.md](cli.md#exit-codes)), *HTTP* the status at `/api/v1` and `/transfer/v1`, *API* the code in the envelope of the Renderbus API, which always answers with HTTP 200. The hint is the general one; a command may print a better one.',
    'Codes of failed frames that Blender itself causes are in [blender.md](blender.md#what-fails-a-frame). An error without a code is a bug in Croft; please report it.',
    ...catalogues().flatMap(({ name, about, kinds }) => [
      `## ${name}`,
      about,
      markdownTable(
        ['code', 'meaning', 'what to do', 'exit', 'HTTP', 'API'],
        Object.entries(kinds).map(([code, kind]) => [
          `\`${code}\``,
          MEANINGS[code] ?? '',
          kind.hint ?? '',
          String(kind.exit),
          String(kind.status),
          kind.apiCode === undefined ? '' : String(kind.apiCode),
        ]),
      ),
    ]),
  ];
  return { path: 'docs/errors.md', text: `${parts.join('\n\n')}\n`, script: 'scripts/write-error-docs.ts' };
}

if (import.meta.main) writeOrCheck(errorPage(), process.argv.slice(2));
