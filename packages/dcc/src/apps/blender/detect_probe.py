"""Tries whether this Blender can render with an engine here: the proof is a tiny picture that is not black.

Started as `blender -b --factory-startup --python detect_probe.py -- <folder> <engine>`; prints one line `CROFT-PROBE {json}`.
"""

import json
import os
import sys

import bpy

ENGINES = {
    "cycles": ["CYCLES"],
    # Named BLENDER_EEVEE_NEXT from 4.2 to 4.5.
    "eevee": ["BLENDER_EEVEE_NEXT", "BLENDER_EEVEE"],
    "workbench": ["BLENDER_WORKBENCH"],
}
SIZE = 16


def choose_engine(scene, names):
    for name in names:
        try:
            scene.render.engine = name
            return True
        except TypeError:
            continue
    return False


def renders(scene, path):
    scene.render.filepath = path
    try:
        bpy.ops.render.render(write_still=True)
    except RuntimeError:
        return False
    if not os.path.isfile(path):
        return False
    picture = bpy.data.images.load(path)
    return any(value > 0 for index, value in enumerate(picture.pixels[:]) if index % 4 != 3)


def denoises(scene, path):
    import _cycles

    if not getattr(_cycles, "with_openimagedenoise", False):
        return False
    scene.cycles.use_denoising = True
    scene.cycles.denoiser = "OPENIMAGEDENOISE"
    return renders(scene, path)


def main():
    folder, engine = sys.argv[sys.argv.index("--") + 1 :]
    scene = bpy.context.scene
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "PNG"
    found = []
    if choose_engine(scene, ENGINES[engine]):
        if engine == "cycles":
            scene.cycles.samples = 1
            scene.cycles.use_denoising = False
        if renders(scene, os.path.join(folder, engine + ".png")):
            found.append(engine)
            if engine == "cycles" and denoises(scene, os.path.join(folder, "denoise.png")):
                found.append("denoise")
    sys.stdout.write("\nCROFT-PROBE %s\n" % json.dumps(found))
    sys.stdout.flush()
    os._exit(0)


main()
