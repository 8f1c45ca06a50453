/** Errors of the node. Codes are public: they reach users as the reason of a failed frame. */
import { defineErrors, EXIT } from '@croft/contract';

export const nodeErrors = defineErrors({
  NODE_CODE_REFUSED: {
    status: 403,
    exit: EXIT.refused,
    hint: 'Enrolment codes work once and not for long; make a new one with "croft node-code" on the farm.',
  },
  NODE_FARM_UNREACHABLE: {
    status: 503,
    exit: EXIT.unreachable,
    hint: 'Check the address, and that the farm runs and can be reached from this machine.',
  },
  NODE_NOT_ENROLLED: {
    status: 403,
    exit: EXIT.usage,
    hint: 'Make a code with "croft node-code" on the farm and start the node once with --code CODE.',
  },
  NODE_HOME_IN_USE: {
    status: 409,
    exit: EXIT.resource,
    hint: 'Give each node its own home folder, or stop the other node first.',
  },
  NODE_HOME_UNUSABLE: { status: 500, exit: EXIT.resource, hint: 'The node must be able to write its home.' },
  NODE_STOPPED: { status: 503, exit: EXIT.interrupted },
  NODE_APP_MISSING: { status: 409, exit: EXIT.notFound, hint: 'Install the app on the node and restart it.' },
  NODE_BUSY: { status: 409, exit: EXIT.resource },
  NODE_DRAINING: { status: 409, exit: EXIT.resource },
  NODE_APP_NOT_STARTED: { status: 500, exit: EXIT.framesFailed },
  NODE_APP_EXITED: {
    status: 500,
    exit: EXIT.framesFailed,
    hint: 'The log of the frame shows the last words.',
  },
  NODE_START_TIMEOUT: { status: 504, exit: EXIT.framesFailed },
  NODE_FRAME_TIMEOUT: { status: 504, exit: EXIT.framesFailed },
  NODE_OUT_OF_MEMORY: { status: 500, exit: EXIT.framesFailed },
  NODE_NO_OUTPUT: { status: 500, exit: EXIT.framesFailed },
  NODE_OUTPUT_DAMAGED: { status: 500, exit: EXIT.framesFailed },
  NODE_OUTPUT_REFUSED: { status: 500, exit: EXIT.framesFailed },
  NODE_DISK_FULL: { status: 507, exit: EXIT.resource, hint: 'Make room on the disk of the node.' },
  NODE_INPUT_MISSING: { status: 404, exit: EXIT.framesFailed },
  NODE_TOKEN_REFUSED: { status: 403, exit: EXIT.refused },
  NODE_INTERNAL: { status: 500, exit: EXIT.bug },
});
