/** Error catalogue of the doors. Codes are public: once released they stay. */
import { defineErrors, EXIT } from '@croft/contract';

export const serverErrors = defineErrors({
  SERVER_PORT_IN_USE: {
    status: 500,
    exit: EXIT.resource,
    hint: 'Stop the other program, or choose another port with --port (0 picks a free one).',
  },
  SERVER_PORT_REFUSED: {
    status: 500,
    exit: EXIT.resource,
    hint: 'Ports below 1024 need special rights: choose a higher one with --port.',
  },
  SERVER_ADDRESS_UNKNOWN: {
    status: 500,
    exit: EXIT.usage,
    hint: 'Give --host an address of this machine, for example 127.0.0.1 or 0.0.0.0.',
  },
  SERVER_CERTIFICATE_INVALID: {
    status: 500,
    exit: EXIT.badInput,
    hint: 'Give a PEM certificate chain and the PEM key that belongs to it.',
  },
  SERVER_NO_CERTIFICATE: {
    status: 404,
    exit: EXIT.notFound,
    hint: 'A farm makes one when it starts with --tls-port.',
  },
  /** The Renderbus API's own refusals, by its codes. */
  API_PARAMETER_INVALID: { status: 400, apiCode: 600, exit: EXIT.badInput },
  API_PARAMETER_MISSING: { status: 400, apiCode: 601, exit: EXIT.badInput },
  API_ILLEGAL: { status: 400, apiCode: 603, exit: EXIT.refused },
  API_NO_SUCH_ENDPOINT: { status: 404, apiCode: 404, exit: EXIT.notFound },
  API_NOT_FOUND: { status: 404, apiCode: 404, exit: EXIT.notFound },
  /** The API has no code of its own for this; 400 blames neither parameters, key nor rights. */
  TOO_MANY_CALLS: {
    status: 429,
    apiCode: 400,
    exit: EXIT.resource,
    hint: 'Ask less often; who runs the farm can raise the limit with --call-rate.',
  },
  SIGNATURE_EXPIRED: {
    status: 401,
    apiCode: 610,
    exit: EXIT.refused,
    hint: 'The clocks of this machine and the farm differ too much: set the clock.',
  },
  SIGNATURE_INVALID: {
    status: 401,
    apiCode: 611,
    exit: EXIT.refused,
    hint: 'Check the access id and the access key.',
  },
  SIGNATURE_REPLAYED: { status: 401, apiCode: 603, exit: EXIT.refused },
  /** A key that is disabled, or of an account that is; told only to who can sign with it. */
  KEY_LOCKED: {
    status: 403,
    apiCode: 804,
    exit: EXIT.refused,
    hint: 'Ask an administrator of the farm, or the main account.',
  },
  /** A key that was made for less. */
  KEY_RIGHTS_TOO_FEW: {
    status: 403,
    apiCode: 605,
    exit: EXIT.refused,
    hint: 'Use a key with more rights: croft keys create --rights full.',
  },
  SCRUB_NOT_ALLOWED: {
    status: 403,
    exit: EXIT.refused,
    hint: 'Use the key of an administrator; on the machine of a farm that does not run, --home is enough.',
  },
  SCRUB_RUNNING: { status: 409, exit: EXIT.resource, hint: 'Wait until it ends.' },
  SCRUB_ENDED: { status: 503, exit: EXIT.unreachable, hint: 'Run it again; it begins anew.' },
  NATIVE_NOT_SIGNED_IN: {
    status: 401,
    exit: EXIT.refused,
    hint: 'Sign the request with an access key, or sign in with the link that the farm printed.',
  },
  NATIVE_CSRF: { status: 403, exit: EXIT.refused, hint: 'Send the header x-croft-csrf: 1.' },
  NATIVE_HOST_REFUSED: {
    status: 421,
    exit: EXIT.refused,
    hint: 'Add the name to the farm with --public-host.',
  },
  NATIVE_NOT_FOUND: { status: 404, exit: EXIT.notFound },
  NATIVE_METHOD_REFUSED: { status: 405, exit: EXIT.usage },
  NATIVE_INPUT_INVALID: {
    status: 400,
    exit: EXIT.usage,
    hint: 'docs/native-api.md has the fields of each route; /api/v1/openapi.json of the farm says what each may be.',
  },
  NATIVE_OWN_ADDRESS: {
    status: 409,
    exit: EXIT.usage,
    hint: 'Nothing was changed. Name that address, too; or set the list on the farm’s machine while the farm is down.',
  },
  NATIVE_TOO_LARGE: { status: 413, exit: EXIT.badInput },
  NATIVE_TOO_MANY_FAILURES: { status: 429, exit: EXIT.refused, hint: 'Wait a minute, then try again.' },
  /** Of the service behind rayvision_sync's second engine. */
  RAYSYNC_ACCOUNT_REFUSED: {
    status: 401,
    exit: EXIT.refused,
    hint: 'Make the RayvisionUpload or RayvisionDownload anew: it then asks for the key of today.',
  },
  ATTEMPT_TOKEN_INVALID: { status: 401, exit: EXIT.refused },
  NODE_LINK_PROTOCOL: { status: 400, exit: EXIT.refused },
  NODE_LINK_UNKNOWN_NODE: {
    status: 401,
    exit: EXIT.refused,
    hint: 'Enrol the node again with a fresh code: croft node --server URL --code CODE.',
  },
  NODE_LINK_PROOF_WRONG: { status: 401, exit: EXIT.refused },
  NODE_LINK_REPLACED: { status: 409, exit: EXIT.refused },
});
