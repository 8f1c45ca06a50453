"""Makes the scenes that the analysis is tested with: a project with files of every kind, in a folder given after `--`."""

import os
import sys

import bpy

ROOT = sys.argv[sys.argv.index("--") + 1]


def picture(path):
    path = os.path.join(ROOT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    image = bpy.data.images.new("made", 4, 4)
    image.filepath_raw = path
    image.file_format = "PNG"
    image.save()
    bpy.data.images.remove(image)
    return path


def bytes_file(path):
    path = os.path.join(ROOT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(b"bytes of " + os.path.basename(path).encode())
    return path


def textured(name, image_path, spelling, source="FILE", pack=False):
    """A cube with a material whose texture is `image_path`, spelt in the file as `spelling`."""
    image = bpy.data.images.load(image_path)
    image.name = name
    image.source = source
    if pack:
        image.pack()
    image.filepath_raw = spelling
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    principled = material.node_tree.nodes["Principled BSDF"]
    material.node_tree.links.new(node.outputs[0], principled.inputs[0])
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    mesh.materials.append(material)
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def save(path, compress=False):
    path = os.path.join(ROOT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=path, compress=compress, relative_remap=False)
    return path


def inner_library():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    picture("libs/deep/tex/f.png")
    textured("deep", os.path.join(ROOT, "libs/deep/tex/f.png"), "//tex\\f.png")
    return save("libs/deep/inner.blend", compress=True)


def link(library, name, spelling):
    with bpy.data.libraries.load(library, link=True) as (_, wanted):
        wanted.objects = [name]
    bpy.context.scene.collection.objects.link(wanted.objects[0])
    next(lib for lib in bpy.data.libraries if bpy.path.abspath(lib.filepath) == library).filepath = spelling


def outer_library(inner):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    picture("libs/libtex/e.png")
    picture("libs/never/n.png")
    textured("outer", os.path.join(ROOT, "libs/libtex/e.png"), "//libtex/e.png")
    link(inner, "deep", "//deep/inner.blend")
    return save("libs/lib.blend")


def main_scene(library):
    bpy.ops.wm.read_factory_settings()
    scene = bpy.context.scene
    for name in ("a", "d"):
        picture("proj/tex/%s.png" % name)
    picture("abs/b.png")
    picture("proj/tex/c.png")
    for tile in (1001, 1002):
        picture("proj/udim/t.%d.png" % tile)
    for frame in range(1, 4):
        picture("proj/seq/s.%04d.png" % frame)
    textured("relative", os.path.join(ROOT, "proj/tex/a.png"), "//tex/a.png")
    textured("absolute", os.path.join(ROOT, "abs/b.png"), os.path.join(ROOT, "abs/b.png"))
    textured("windows", os.path.join(ROOT, "proj/tex/c.png"), "C:\\work\\tex\\c.png")
    textured("backslash", os.path.join(ROOT, "proj/tex/d.png"), "//tex\\d.png")
    textured("tiles", os.path.join(ROOT, "proj/udim/t.1001.png"), "//udim/t.<UDIM>.png", "TILED")
    textured("sequence", os.path.join(ROOT, "proj/seq/s.0001.png"), "//seq/s.0001.png", "SEQUENCE")
    textured("packed", os.path.join(ROOT, "proj/tex/a.png"), "//gone/packed.png", pack=True)
    textured("lost", os.path.join(ROOT, "proj/tex/a.png"), "//tex/lost.png")
    kept = bpy.data.images.load(os.path.join(ROOT, "proj/tex/a.png"))
    kept.name, kept.use_fake_user = "only fake", True
    kept.filepath_raw = "//tex/nobody.png"
    link(library, "outer", library)

    volume = bpy.data.volumes.new("smoke")
    volume.filepath = "//vdb/smoke.vdb"
    bytes_file("proj/vdb/smoke.vdb")
    scene.collection.objects.link(bpy.data.objects.new("smoke", volume))
    cube = bpy.data.objects["Cube"]
    cache = cube.modifiers.new("cache", "MESH_CACHE")
    cache.filepath = "//cache/cube.mdd"
    bytes_file("proj/cache/cube.mdd")
    bpy.data.objects["Cube"].modifiers.new("cloth", "CLOTH")
    script = bpy.data.texts.new("handler.py")
    script.write("import bpy\nbpy.app.handlers.frame_change_pre.append(print)\n")
    script.use_module = True

    scene.frame_start, scene.frame_end, scene.frame_step = 3, 21, 2
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = 640, 360, 50
    render.fps, render.fps_base = 30, 1.001
    render.engine = "CYCLES"
    scene.cycles.use_denoising = False
    render.filepath = "//out/shot_###"
    render.image_settings.file_format = "OPEN_EXR"
    render.use_file_extension = False
    render.use_multiview = True
    scene.view_layers.new("second").use = False
    scene.timeline_markers.new("cut", frame=9).camera = bpy.data.objects["Camera"]
    scene.use_nodes = True
    output = scene.node_tree.nodes.new("CompositorNodeOutputFile")
    output.base_path = "/elsewhere/passes"
    bpy.data.scenes.new("spare")
    return save("proj/scene.blend")


def small_scenes():
    bpy.ops.wm.read_factory_settings()
    save("small/plain.blend")
    save("small/packed.blend", compress=True)
    bpy.context.scene.render.image_settings.file_format = "FFMPEG"
    bpy.context.scene.frame_end = 5
    save("small/movie.blend")
    bpy.context.scene.camera = None
    save("small/no-camera.blend")


def simulation(path, prepare):
    bpy.ops.wm.read_factory_settings()
    bpy.context.scene.render.engine = "CYCLES"
    bpy.context.scene.frame_end = 3
    cube = bpy.data.objects["Cube"]
    bpy.context.view_layer.objects.active = cube
    save(path)
    prepare(cube)
    save(path)


def cloth(cube, disk=False, bake=False):
    cache = cube.modifiers.new("cloth", "CLOTH").point_cache
    cache.use_disk_cache, cache.frame_end = disk, 3
    if bake:
        with bpy.context.temp_override(scene=bpy.context.scene, object=cube, point_cache=cache):
            bpy.ops.ptcache.bake(bake=True)


def hair(cube):
    cube.modifiers.new("hair", "PARTICLE_SYSTEM")
    cube.particle_systems[0].settings.type = "HAIR"


def simulations():
    simulation("sim/cloth.blend", cloth)
    simulation("sim/cloth-disk.blend", lambda cube: cloth(cube, disk=True, bake=True))
    simulation("sim/cloth-memory.blend", lambda cube: cloth(cube, bake=True))
    simulation("sim/soft.blend", lambda cube: cube.modifiers.new("soft", "SOFT_BODY"))
    simulation("sim/particles.blend", lambda cube: cube.modifiers.new("grains", "PARTICLE_SYSTEM"))
    simulation("sim/hair.blend", hair)


main_scene(outer_library(inner_library()))
small_scenes()
simulations()
