"""Prints as JSON what Blender itself finds in the .blend files given after `--`: the judge of the analysis."""

import json
import os
import sys

import bpy


def facts(path):
    try:
        bpy.ops.wm.open_mainfile(filepath=path, load_ui=False)
    except RuntimeError as error:
        return {"error": str(error)}
    scene = bpy.context.scene
    render = scene.render
    return {
        "scenes": sorted(each.name for each in bpy.data.scenes),
        "scene": scene.name,
        "engine": render.engine,
        "frames": [scene.frame_start, scene.frame_end, scene.frame_step],
        "size": [render.resolution_x, render.resolution_y, render.resolution_percentage],
        "fps": round(render.fps / render.fps_base, 3),
        "output": render.filepath,
        "format": render.image_settings.file_format,
        "extension": render.use_file_extension,
        "multiview": render.use_multiview,
        "camera": scene.camera.name if scene.camera else None,
        "layers": [layer.name for layer in scene.view_layers if layer.use],
        "markers": [[marker.frame, marker.camera.name] for marker in scene.timeline_markers if marker.camera],
        "images": sorted(
            image.filepath
            for image in bpy.data.images
            if image.library is None and image.filepath and not image.packed_file and image.source != "VIEWER"
        ),
        "libraries": sorted(library.filepath for library in bpy.data.libraries if library.parent is None),
        "sounds": sorted(sound.filepath for sound in bpy.data.sounds if sound.packed_file is None),
        "fonts": sorted(font.filepath for font in bpy.data.fonts if font.filepath != "<builtin>"),
        "caches": sorted(cache.filepath for cache in bpy.data.cache_files),
        "denoising": scene.cycles.use_denoising,
        "places": sorted(
            [image.name, os.path.exists(image_file(image)), image_loads(image)]
            for image in bpy.data.images
            if image.filepath and image.source != "VIEWER"
        ),
        "objects": sorted(thing.name for thing in bpy.data.objects if thing.data),
    }


def image_file(image):
    path = bpy.path.abspath(image.filepath, library=image.library)
    return path.replace("<UDIM>", "1001")


def image_loads(image):
    return image.size[0] > 0


print("FACTS " + json.dumps({path: facts(path) for path in sys.argv[sys.argv.index("--") + 1 :]}))
