/** Errors of the command line itself. What the other rooms refuse keeps their codes. */
import { defineErrors, EXIT } from '@croft/contract';

export const cliErrors = defineErrors({
  CLI_USAGE: { status: 400, exit: EXIT.usage },
  CLI_SETTINGS_INVALID: { status: 400, exit: EXIT.usage },
  CLI_NO_FARM: {
    status: 400,
    exit: EXIT.unreachable,
    hint: 'Start one with "croft up", or name one with --server URL.',
  },
  CLI_NO_KEY: {
    status: 401,
    exit: EXIT.refused,
    hint: 'Set CROFT_ACCESS_ID and CROFT_ACCESS_KEY to a key made by "croft keys create" on the farm.',
  },
  CLI_HOME_IN_USE: { status: 409, exit: EXIT.resource },
  CLI_HOME_UNUSABLE: { status: 400, exit: EXIT.badInput },
  CLI_PORT_IN_USE: {
    status: 409,
    exit: EXIT.resource,
    hint: 'Choose another with --port, or --port 0 for any free one.',
  },
  CLI_CERTIFICATE_UNREADABLE: {
    status: 400,
    exit: EXIT.badInput,
    hint: 'Give the PEM file that the farm named when it started, with --ca FILE.',
  },
  CLI_FILE_UNREADABLE: { status: 400, exit: EXIT.badInput },
  CLI_OUTPUT_FOLDER: {
    status: 400,
    exit: EXIT.badInput,
    hint: 'Nothing was submitted. Name a folder that you may write to.',
  },
  CLI_UPLOAD_FILE: {
    status: 400,
    exit: EXIT.badInput,
    hint: 'Give files, folders, or an upload.json as "croft analyse SCENE --out DIR" writes it.',
  },
  CLI_TRANSMITTER_FOLDER: {
    status: 409,
    exit: EXIT.badInput,
    hint: 'Give a folder of its own: the Renderbus SDK makes everything in it writable for all users of the machine.',
  },
  CLI_NODE_DIED: { status: 500, exit: EXIT.resource },
  CLI_SERVICE_DIED: { status: 500, exit: EXIT.resource },
  CLI_BACKUP_REFUSED: { status: 409, exit: EXIT.badInput },
  CLI_BACKUP_DAMAGED: {
    status: 400,
    exit: EXIT.badInput,
    hint: 'Take another backup; nothing was restored.',
  },
  CLI_SCRUB_BROKEN: { status: 502, exit: EXIT.unreachable, hint: 'Run it again; it begins anew.' },
  CLI_INTERRUPTED: { status: 499, exit: EXIT.interrupted },
  CLI_DISK_FULL: {
    status: 507,
    exit: EXIT.resource,
    hint: 'Make room and run the same command again.',
  },
  CLI_ACCOUNT_UNKNOWN: {
    status: 404,
    exit: EXIT.notFound,
    hint: '"croft accounts list" shows those that you manage.',
  },
  CLI_SAMPLE_MISSING: { status: 404, exit: EXIT.notFound },
});
