/**
 * Errors of this room. They are all about the user's scene or settings, so each says what to do. Analysis codes leave with
 * `EXIT.badInput`; a path that names nothing with `EXIT.notFound`.
 */
import { defineErrors, EXIT } from '@croft/contract';

export const dccErrors = defineErrors({
  DCC_NO_SUCH_FILE: {
    status: 404,
    apiCode: 404,
    exit: EXIT.badInput,
    hint: 'Check the path; it is looked up on this machine, relative to the current folder.',
  },
  DCC_NOT_A_SCENE: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Give the scene file itself, saved by its application; the content decides, not the name.',
  },
  DCC_SCENE_TRUNCATED: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'The file ends too early, as after a broken copy or a full disk: copy it again or save it again.',
  },
  DCC_LFS_POINTER: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Run "git lfs pull" in the repository, then try again.',
  },
  DCC_SCENE_DAMAGED: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Open the scene in its application and save it again; if that fails too, take its last backup.',
  },
  DCC_TOO_LARGE: {
    status: 413,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'The scene goes beyond a limit that protects this machine; split it, or link its parts as libraries.',
  },
  DCC_NO_CAMERA: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Set an active camera in the scene, save it, and analyse it again.',
  },
  DCC_LAYERS_INVALID: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Name view layers of the scene in "layers" of scene_info_render.common, or set enable_layered to "0".',
  },
  DCC_FRAMES_INVALID: {
    status: 400,
    apiCode: 600,
    exit: EXIT.usage,
    hint: 'Write frames as 1-10, 1-10[2] or 5, several separated by commas.',
  },
  DCC_SETTING_INVALID: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Correct the value in task.json, or leave it out for the default.',
  },
  DCC_SETTING_UNSUPPORTED: {
    status: 400,
    apiCode: 600,
    exit: EXIT.badInput,
    hint: 'Leave the setting at its default; this app cannot render with it.',
  },
  DCC_SETTINGS_DAMAGED: {
    status: 500,
    apiCode: 500,
    exit: EXIT.badInput,
    hint: 'Submit the task again; farm and node may be of different versions.',
  },
  DCC_APP_UNKNOWN: {
    status: 404,
    apiCode: 404,
    exit: EXIT.notFound,
    hint: 'Apps are named by their folder, e.g. "blender".',
  },
  DCC_APP_NOT_STARTED: {
    status: 500,
    apiCode: 500,
    exit: EXIT.notFound,
    hint: 'Install the application on the node, or point the node at its executable.',
  },
});
