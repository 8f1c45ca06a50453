"""Keeps simulations from writing. Runs before the scene is opened, as a script of its own on the command line:

Blender computes the current frame as soon as a file is open, and a simulation writes its cache then. The last moment before
that is the `load_post` handler, which has to be there by then.
"""

import json
import os
import shutil
import sys

import bpy

sys.dont_write_bytecode = True


def keep_caches_off_the_disk():
    """An unbaked disk cache would be written beside the scene while rendering. In memory it gives the same picture."""
    for cache in _point_caches():
        if cache.use_disk_cache and not cache.is_baked and not cache.use_external:
            cache.use_disk_cache = False


def keep_fluids_off_the_inputs(folder):
    """A fluid that is computed while playing writes its cache all the time: it goes on with a copy of what came along."""
    for item in bpy.data.objects:
        for modifier in item.modifiers:
            domain = getattr(modifier, "domain_settings", None) if modifier.type == "FLUID" else None
            if domain is None or domain.cache_type != "REPLAY":
                continue
            own = os.path.join(folder, "%d" % len(os.listdir(folder)) if os.path.isdir(folder) else "0")
            before = bpy.path.abspath(domain.cache_directory, library=item.library)
            if os.path.isdir(before):
                shutil.copytree(before, own)
            os.makedirs(own, exist_ok=True)
            domain.cache_directory = own


def _point_caches():
    for scene in bpy.data.scenes:
        world = scene.rigidbody_world
        if world is not None and world.point_cache is not None:
            yield world.point_cache
    for item in bpy.data.objects:
        for modifier in item.modifiers:
            if getattr(modifier, "point_cache", None) is not None:
                yield modifier.point_cache
            canvas = getattr(modifier, "canvas_settings", None)
            if modifier.type == "DYNAMIC_PAINT" and canvas is not None:
                for surface in canvas.canvas_surfaces:
                    yield surface.point_cache
        for system in item.particle_systems:
            yield system.point_cache


def main():
    config = json.loads(sys.argv[sys.argv.index("--") + 1])

    @bpy.app.handlers.persistent
    def scene_opened(*_):
        keep_caches_off_the_disk()
        keep_fluids_off_the_inputs(config["fluids"])

    bpy.app.handlers.load_post.append(scene_opened)


main()
