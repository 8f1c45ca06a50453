/** Every error the SDK can show a user. Codes are public: once released they stay. */
import { defineErrors, EXIT } from '@croft/contract';

export const sdkErrors = defineErrors({
  /** The request never arrived: nobody listens, no such host, no route. */
  SDK_FARM_UNREACHABLE: {
    status: 503,
    exit: EXIT.unreachable,
    hint: 'Check that the farm runs there (croft up) and that --server or CROFT_SERVER names it.',
  },
  /** The certificate that was shown is not one to trust; nothing was sent. */
  SDK_NOT_TRUSTED: {
    status: 502,
    exit: EXIT.unreachable,
    hint: 'Give the certificate file that the farm named when it started: --ca FILE or CROFT_CA.',
  },
  /** The connection broke or timed out; the request may have arrived. */
  SDK_CONNECTION_LOST: {
    status: 503,
    exit: EXIT.unreachable,
    hint: 'What was sent stays on the farm; run the same command again and it goes on from there.',
  },
  /** The farm, or a proxy before it, is starting, stopping or overloaded. */
  SDK_TOO_MANY_CALLS: { status: 429, exit: EXIT.resource, hint: 'Ask the farm less often.' },
  SDK_SERVER_BUSY: { status: 503, exit: EXIT.unreachable, hint: 'Try again in a moment.' },
  /** Something answers there, but not as a Croft farm does. */
  SDK_REPLY_INVALID: {
    status: 502,
    exit: EXIT.unreachable,
    hint: 'Is there another program, or a proxy, at this address?',
  },
  /** The farm knows neither key nor signature, or the clock is off. */
  SDK_KEY_REFUSED: {
    status: 401,
    exit: EXIT.refused,
    hint: 'Check CROFT_ACCESS_ID and CROFT_ACCESS_KEY; "croft keys create" makes a new key.',
  },
  SDK_FORBIDDEN: { status: 403, exit: EXIT.refused },
  /** Any other answer of the Renderbus API that is not 200. */
  SDK_API_ERROR: { status: 502, exit: EXIT.refused },
  SDK_NOT_FOUND: { status: 404, exit: EXIT.notFound },
  /** The analysis found something that keeps the scene from being rendered. */
  SDK_SCENE_HAS_ERRORS: { status: 400, exit: EXIT.badInput },
  SDK_VERSION_MISSING: { status: 409, exit: EXIT.badInput },
  SDK_ENVIRONMENT_MISSING: { status: 404, exit: EXIT.notFound },
  SDK_HARDWARE_MISSING: { status: 409, exit: EXIT.badInput },
  /** A folder or file of the user could not be written or read. */
  SDK_FILE_FAILED: { status: 500, exit: EXIT.badInput },
  SDK_DISK_FULL: {
    status: 507,
    exit: EXIT.resource,
    hint: 'Make room and run the same command again; what is finished is kept.',
  },
  /** The command line of the transmitter is wrong; its hint is its own help. */
  SDK_TRANSMIT_USAGE: {
    status: 400,
    exit: EXIT.usage,
    hint: 'rayvision_transmitter --help lists the options.',
  },
  /** An upload.json or a list of paths that cannot be read. */
  SDK_TRANSMIT_LIST: { status: 400, exit: EXIT.badInput },
  /** A file or folder named for an upload that is not there or cannot be read. */
  SDK_UPLOAD_SOURCE: { status: 400, exit: EXIT.badInput },
});
