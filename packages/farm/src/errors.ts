/** Every error the farm can show. Codes are public and stay. `apiCode` is the code in the Renderbus envelope. */
import { defineErrors, EXIT } from '@croft/contract';

export const farmErrors = defineErrors({
  FARM_NOT_FOUND: { status: 404, apiCode: 404, exit: EXIT.notFound },
  FARM_NOT_YOURS: { status: 403, apiCode: 605, exit: EXIT.refused },
  FARM_NOT_ALLOWED: {
    status: 403,
    apiCode: 605,
    exit: EXIT.refused,
    hint: 'Ask an administrator of the farm.',
  },
  FARM_INVALID: { status: 400, apiCode: 600, exit: EXIT.usage },
  FARM_CODE_INVALID: {
    status: 403,
    apiCode: 403,
    exit: EXIT.refused,
    hint: 'Codes work once and for a short time only: ask for a new one.',
  },
  /** Signing in; the codes of the Renderbus API for the same. */
  FARM_ACCOUNT_UNKNOWN: { status: 403, apiCode: 800, exit: EXIT.notFound },
  FARM_ACCOUNT_LOCKED: {
    status: 403,
    apiCode: 804,
    exit: EXIT.refused,
    hint: 'Ask an administrator of the farm.',
  },
  FARM_PASSWORD_WRONG: {
    status: 403,
    apiCode: 805,
    exit: EXIT.refused,
    hint: 'Without a password, sign in with a link: "croft sign-in" on the farm’s machine prints one.',
  },
  FARM_ADDRESS_REFUSED: {
    status: 403,
    apiCode: 812,
    exit: EXIT.refused,
    hint: 'Come from an address of the account’s list. To change it, run "croft allow-from --all" on the farm’s machine while the farm is down.',
  },
  /** Accounts; the codes of the Renderbus API for the same. */
  FARM_ACCOUNT_EMAIL: { status: 400, apiCode: 901, exit: EXIT.usage },
  FARM_ACCOUNT_NAME: { status: 400, apiCode: 902, exit: EXIT.usage },
  FARM_ACCOUNT_HAS_TASKS: { status: 409, apiCode: 912, exit: EXIT.refused },
  FARM_ACCOUNT_IN_ARREARS: { status: 409, apiCode: 913, exit: EXIT.refused },
  FARM_ACCOUNT_HAS_BALANCE: { status: 409, apiCode: 914, exit: EXIT.refused },
  FARM_BUSY: { status: 429, apiCode: 400, exit: EXIT.resource, hint: 'Try again in a moment.' },
  FARM_PROJECT_EXISTS: { status: 409, apiCode: 503, exit: EXIT.usage },
  FARM_BLOB_MISSING: {
    status: 409,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Send the bytes first, then commit the paths.',
  },
  FARM_TASK_FILE_MISSING: {
    status: 409,
    apiCode: 601,
    exit: EXIT.badInput,
    hint: 'Upload task.json to the config folder of the task before submitting it.',
  },
  FARM_TASK_FILE_INVALID: { status: 400, apiCode: 600, exit: EXIT.badInput },
  FARM_APP_UNKNOWN: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'See the software list of the farm for what it can render.',
  },
  FARM_VERSION_UNKNOWN: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Choose one of these versions, or let a node with the wanted one join; "croft catalogue" lists what there is.',
  },
  FARM_PLUGIN_UNKNOWN: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Choose one of these, or declare the plug-in in catalogue.json.',
  },
  FARM_HARDWARE_UNKNOWN: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Choose from the hardware list; "croft catalogue" shows it with its ids.',
  },
  FARM_HARDWARE_UNFIT: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Choose another hardware from the list.',
  },
  FARM_PACKAGE_UNKNOWN: { status: 400, apiCode: 600, exit: EXIT.badInput },
  FARM_ENV_UNKNOWN: { status: 404, apiCode: 404, exit: EXIT.notFound },
  FARM_ENV_EXISTS: {
    status: 409,
    apiCode: 600,
    exit: EXIT.usage,
    hint: 'Change the environment with an update, or give the new one another name.',
  },
  FARM_SCENE_MISSING: {
    status: 409,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Upload the files of upload.json before submitting the task.',
  },
  FARM_TASK_STATE: { status: 409, apiCode: 600, exit: EXIT.refused },
  FARM_STORE_NEWER: {
    status: 500,
    exit: EXIT.resource,
    hint: 'Start the newer Croft that wrote this home, or restore a backup made by this version.',
  },
  FARM_STORE_FAILED: { status: 500, apiCode: 500, exit: EXIT.resource },
  FARM_STORE_BUSY: {
    status: 503,
    apiCode: 500,
    exit: EXIT.resource,
    hint: 'Another Croft holds this home. Stop it, or name another home.',
  },
  FARM_MASTER_KEY: {
    status: 500,
    exit: EXIT.resource,
    hint: 'Put back the master.key that belongs to this home; without it the access keys cannot be read.',
  },
  FARM_CLOSED: {
    status: 503,
    apiCode: 500,
    exit: EXIT.unreachable,
    hint: 'The farm is stopping; try again.',
  },
});
