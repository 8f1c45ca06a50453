"""Makes the open scene the one to render: scene, view layers, camera, size, and what this build cannot do switched off."""

import os

import bpy


class SetupError(Exception):
    """The scene cannot be rendered at all."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code


def prepare_scene(path, settings):
    """Returns the scene to render. Raises SetupError with a reason for the user."""
    if os.path.realpath(bpy.data.filepath) != os.path.realpath(path):
        raise SetupError("DCC_SCENE_UNREADABLE", "Blender could not open %s" % os.path.basename(path))
    scene = _choose_scene(settings["scene"])
    _choose_layers(scene, settings["viewLayers"])
    _choose_camera(scene, settings["camera"])
    for key, name in (("width", "resolution_x"), ("height", "resolution_y"), ("percent", "resolution_percentage")):
        if settings[key] is not None:
            setattr(scene.render, name, settings[key])
    if not _can_denoise():
        for each in bpy.data.scenes:
            _switch_denoising_off(each)
    return scene


def _choose_scene(name):
    if not name:
        return bpy.context.scene
    found = [scene for scene in bpy.data.scenes if scene.name == name]
    if not found:
        raise SetupError("DCC_SCENE_NAME_UNKNOWN", 'the file holds no scene named "%s"' % name)
    scene = next((each for each in found if each.library is None), found[0])
    if bpy.context.window is not None:
        bpy.context.window.scene = scene
    return scene


def _choose_layers(scene, names):
    if not names:
        return
    unknown = [name for name in names if name not in scene.view_layers]
    if unknown:
        raise SetupError("DCC_LAYER_UNKNOWN", 'the scene has no view layer named "%s"' % unknown[0])
    for layer in scene.view_layers:
        layer.use = layer.name in names


def _choose_camera(scene, name):
    if not name:
        return
    camera = scene.objects.get(name)
    if camera is None or camera.type != "CAMERA":
        raise SetupError("DCC_CAMERA_UNKNOWN", 'the scene has no camera named "%s"' % name)
    for marker in scene.timeline_markers:
        marker.camera = None
    scene.camera = camera


def _can_denoise():
    try:
        import _cycles
    except ImportError:
        return False
    return bool(getattr(_cycles, "with_openimagedenoise", False))


def _switch_denoising_off(scene):
    cycles = getattr(scene, "cycles", None)
    if cycles is None:
        return
    # OptiX brings a denoiser of its own; where it is not there, the setting is harmless.
    if getattr(cycles, "denoiser", "") != "OPTIX":
        cycles.use_denoising = False
