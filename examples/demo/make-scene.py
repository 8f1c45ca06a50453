"""Makes the demo scene: a small croft with a windmill, at the end of a day.

    blender -b --factory-startup --python examples/demo/make-scene.py

Writes croft.blend, library/windmill.blend and the textures beside this script. On purpose the scene refers to its files
in all the ways that scenes do when they have travelled between machines:

    //textures/meadow.png                        relative
    /projects/croft/demo/textures/stones.png     absolute, from a workstation that is not this one
    P:\\projects\\croft\\demo\\textures\\thatch.png   from a Windows workstation
    //library/windmill.blend                     a linked library ...
    //../textures/sail.png                       ... with a texture of its own, relative to the library
"""
import math
import os
import random

import bpy

HERE = os.path.dirname(os.path.abspath(__file__))
TEXTURES = os.path.join(HERE, 'textures')
LIBRARY = os.path.join(HERE, 'library')
FRAMES = 16


def picture(name, size, colour):
    """Saves a square PNG whose texel (x, y) is colour(x, y) -> (r, g, b) in 0..1."""
    image = bpy.data.images.new(name, size, size)
    texels = []
    for y in range(size):
        for x in range(size):
            texels.extend((*colour(x, y), 1.0))
    image.pixels = texels
    image.filepath_raw = os.path.join(TEXTURES, name)
    image.file_format = 'PNG'
    image.save()
    bpy.data.images.remove(image)


def mix(a, b, t):
    return tuple(p + (q - p) * t for p, q in zip(a, b))


def make_textures():
    dice = random.Random(7)

    def meadow(x, y):
        return mix((0.16, 0.30, 0.09), (0.36, 0.45, 0.14), dice.random() ** 2)

    tones = [[dice.random() for _ in range(9)] for _ in range(16)]

    def stones(x, y):
        row, line = divmod(y, 8)
        column, joint = divmod((x + (row % 2) * 4) % 64, 8)
        if line == 0 or joint == 0:
            return (0.33, 0.31, 0.29)
        return mix((0.50, 0.47, 0.43), (0.78, 0.74, 0.68), tones[row][column])

    def thatch(x, y):
        return mix((0.42, 0.28, 0.12), (0.72, 0.54, 0.26), dice.random() * (0.6 + 0.4 * (y % 16 > 2)))

    def sail(x, y):
        return (0.86, 0.80, 0.68) if (x // 8 + y // 8) % 2 else (0.70, 0.22, 0.15)

    picture('meadow.png', 64, meadow)
    picture('stones.png', 64, stones)
    picture('thatch.png', 64, thatch)
    picture('sail.png', 32, sail)


def material(name, colour=None, texture=None, scale=1.0):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes, links = made.node_tree.nodes, made.node_tree.links
    surface = nodes['Principled BSDF']
    surface.inputs['Roughness'].default_value = 0.9
    surface.inputs['Specular'].default_value = 0.1
    if colour:
        surface.inputs['Base Color'].default_value = (*colour, 1)
    if texture:
        image = nodes.new('ShaderNodeTexImage')
        image.image = bpy.data.images.load(os.path.join(TEXTURES, texture), check_existing=True)
        image.interpolation = 'Closest'
        place = nodes.new('ShaderNodeTexCoord')
        size = nodes.new('ShaderNodeMapping')
        size.inputs['Scale'].default_value = (scale, scale, scale)
        image.projection = 'BOX'
        links.new(place.outputs['Object'], size.inputs['Vector'])
        links.new(size.outputs['Vector'], image.inputs['Vector'])
        links.new(image.outputs['Color'], surface.inputs['Base Color'])
    return made


def mesh(name, points, faces, look):
    data = bpy.data.meshes.new(name)
    data.from_pydata(points, [], faces)
    data.materials.append(look)
    made = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(made)
    return made


def box(name, size, at, look):
    x, y, z = (s / 2 for s in size)
    points = [(sx * x, sy * y, sz * z) for sx in (-1, 1) for sy in (-1, 1) for sz in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    made = mesh(name, points, faces, look)
    made.location = at
    return made


def prism(name, width, depth, height, at, look):
    """A gable: a roof when low and wide."""
    w, d = width / 2, depth / 2
    points = [(-w, -d, 0), (w, -d, 0), (0, -d, height), (-w, d, 0), (w, d, 0), (0, d, height)]
    made = mesh(name, points, [(0, 1, 2), (3, 5, 4), (0, 3, 4, 1), (1, 4, 5, 2), (0, 2, 5, 3)], look)
    made.location = at
    return made


def cone(name, sides, low, high, height, at, look):
    ring = [(math.cos(2 * math.pi * i / sides), math.sin(2 * math.pi * i / sides)) for i in range(sides)]
    points = [(c * low, s * low, 0) for c, s in ring] + [(c * high, s * high, height) for c, s in ring]
    faces = [(i, (i + 1) % sides, sides + (i + 1) % sides, sides + i) for i in range(sides)]
    faces.append(tuple(range(sides, 2 * sides)))
    made = mesh(name, points, faces, look)
    made.location = at
    return made


def turn(thing, axis, start, end):
    """Turns evenly from frame 1 on, so that the last frame leads back into the first."""
    for frame, angle in ((1, start), (FRAMES + 1, end)):
        thing.rotation_euler[axis] = angle
        thing.keyframe_insert('rotation_euler', index=axis, frame=frame)
    for curve in thing.animation_data.action.fcurves:
        for point in curve.keyframe_points:
            point.interpolation = 'LINEAR'


def empty_file():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def save(path):
    bpy.context.preferences.filepaths.save_version = 0
    bpy.ops.wm.save_as_mainfile(filepath=path, compress=True, relative_remap=False)


def make_library():
    empty_file()
    scene = bpy.context.scene
    mill = bpy.data.collections.new('Windmill')
    scene.collection.children.link(mill)
    wood = material('Wood', (0.30, 0.20, 0.12))
    cloth = material('Sail', texture='sail.png', scale=1.2)
    bpy.data.images['sail.png'].filepath = '//../textures/sail.png'
    parts = [
        cone('Tower', 8, 0.62, 0.40, 1.9, (0, 0, 0), material('Plaster', (0.85, 0.80, 0.70))),
        cone('Cap', 8, 0.52, 0.02, 0.55, (0, 0, 1.9), wood),
        box('Door', (0.30, 0.06, 0.55), (0, -0.59, 0.27), wood),
    ]
    hub = bpy.data.objects.new('Hub', None)
    hub.location = (0, -0.56, 1.82)
    scene.collection.objects.link(hub)
    for quarter in range(4):
        angle = quarter * math.pi / 2
        for name, size, out, look in (('Arm', (0.05, 0.05, 1.5), 0.75, wood), ('Cloth', (0.34, 0.02, 0.95), 0.95, cloth)):
            aside = 0.18 if name == 'Cloth' else 0.0
            part = box(f'{name}{quarter}', size, (0, 0, 0), look)
            part.parent = hub
            part.rotation_euler[1] = angle
            part.location = (math.sin(angle) * out + math.cos(angle) * aside, 0, math.cos(angle) * out - math.sin(angle) * aside)
            parts.append(part)
    turn(hub, 1, 0.35, 0.35 + math.pi / 2)
    for part in [*parts, hub]:
        scene.collection.objects.unlink(part)
        mill.objects.link(part)
    save(os.path.join(LIBRARY, 'windmill.blend'))


def make_scene():
    empty_file()
    scene = bpy.context.scene
    dice = random.Random(3)

    meadow = material('Meadow', texture='meadow.png', scale=0.35)
    cone('Island', 28, 3.3, 3.9, 0.35, (0, 0, -0.35), meadow)
    cone('Rock', 14, 1.1, 3.3, 1.5, (0, 0, -1.85), material('Rock', (0.24, 0.20, 0.18)))

    stones = material('Stones', texture='stones.png', scale=0.8)
    box('House', (1.9, 1.25, 0.95), (-1.05, 0.15, 0.475), stones)
    prism('Roof', 1.55, 2.15, 0.8, (-1.05, 0.15, 0.95), material('Thatch', texture='thatch.png', scale=0.9)).rotation_euler[2] = math.pi / 2
    box('Chimney', (0.26, 0.26, 0.7), (-1.65, 0.15, 1.6), stones)
    box('Door', (0.34, 0.05, 0.62), (-1.0, -0.49, 0.31), material('Door', (0.10, 0.24, 0.32)))
    glow = material('Window')
    glow.node_tree.nodes['Principled BSDF'].inputs['Emission'].default_value = (1.0, 0.62, 0.22, 1)
    glow.node_tree.nodes['Principled BSDF'].inputs['Emission Strength'].default_value = 4
    for x in (-1.55, -0.45):
        box('Window', (0.26, 0.05, 0.28), (x, -0.49, 0.55), glow)

    leaves, bark = material('Leaves', (0.10, 0.26, 0.12)), material('Bark', (0.20, 0.12, 0.07))
    for x, y, tall in ((-2.7, 0.9, 1.1), (-2.2, 1.6, 1.4), (0.3, 2.3, 1.3), (-0.6, 2.6, 1.0), (2.8, 1.2, 1.2), (2.9, -0.6, 0.8)):
        cone('Trunk', 6, 0.09, 0.07, 0.35, (x, y, 0), bark)
        cone('Tree', 7, 0.46, 0.02, tall, (x, y, 0.28), leaves).rotation_euler[2] = dice.random() * 3
    fence = material('Fence', (0.45, 0.34, 0.22))
    for post in range(9):
        angle = -2.45 + post * 0.19
        box('Post', (0.07, 0.07, 0.42), (3.15 * math.cos(angle), 3.15 * math.sin(angle), 0.2), fence)
    sheep = material('Wool', (0.90, 0.88, 0.84))
    for x, y, way in ((0.5, -1.5, 0.4), (1.4, -2.0, 2.2), (-0.4, -2.2, -0.7)):
        body = box('Sheep', (0.44, 0.27, 0.26), (x, y, 0.26), sheep)
        head = box('Head', (0.15, 0.14, 0.15), (0.26, 0, 0.10), bark)
        head.parent, body.rotation_euler[2] = body, way

    with bpy.data.libraries.load(os.path.join(LIBRARY, 'windmill.blend'), link=True) as (source, target):
        target.collections = ['Windmill']
    mill = bpy.data.objects.new('Windmill', None)
    mill.instance_type, mill.instance_collection = 'COLLECTION', target.collections[0]
    mill.location, mill.rotation_euler[2] = (1.45, 0.55, 0), -0.25
    scene.collection.objects.link(mill)

    look_at = bpy.data.objects.new('Middle', None)
    look_at.location = (0, 0, 0.3)
    scene.collection.objects.link(look_at)
    turntable = bpy.data.objects.new('Turntable', None)
    scene.collection.objects.link(turntable)
    camera = bpy.data.objects.new('Camera', bpy.data.cameras.new('Camera'))
    camera.location, camera.data.lens, camera.parent = (2.8, -10.6, 4.1), 40, turntable
    watch = camera.constraints.new('TRACK_TO')
    watch.target = look_at
    scene.collection.objects.link(camera)
    scene.camera = camera
    turn(turntable, 2, -0.22, 0.22)

    sun = bpy.data.objects.new('Sun', bpy.data.lights.new('Sun', 'SUN'))
    sun.data.energy, sun.data.color, sun.data.angle = 3.4, (1.0, 0.72, 0.46), 0.02
    sun.rotation_euler = (0.95, 0.1, -0.9)
    scene.collection.objects.link(sun)
    turn(sun, 0, 0.95, 1.08)
    world = bpy.data.worlds.new('Evening')
    world.use_nodes = True
    world.node_tree.nodes['Background'].inputs['Color'].default_value = (0.30, 0.42, 0.66, 1)
    world.node_tree.nodes['Background'].inputs['Strength'].default_value = 0.75
    scene.world = world

    scene.frame_start, scene.frame_end = 1, FRAMES
    render = scene.render
    render.engine = 'CYCLES'
    render.resolution_x, render.resolution_y, render.resolution_percentage = 640, 360, 75
    render.fps = 12
    render.image_settings.file_format = 'PNG'
    render.filepath = '//frames/croft_####'
    scene.cycles.samples = 16
    scene.cycles.use_adaptive_sampling = True
    scene.cycles.use_denoising = False
    scene.cycles.max_bounces = 3
    scene.cycles.sample_clamp_indirect = 2
    scene.view_settings.look = 'Medium High Contrast'

    paths = {
        'meadow.png': '//textures/meadow.png',
        'stones.png': '/projects/croft/demo/textures/stones.png',
        'thatch.png': 'P:\\projects\\croft\\demo\\textures\\thatch.png',
    }
    for name, path in paths.items():
        bpy.data.images[name].filepath = path
    bpy.data.libraries[0].filepath = '//library/windmill.blend'
    save(os.path.join(HERE, 'croft.blend'))


for folder in (TEXTURES, LIBRARY):
    os.makedirs(folder, exist_ok=True)
empty_file()
make_textures()
make_library()
make_scene()
