"""Sends everything the scene writes into a staging folder, so that nothing it does can land anywhere else.

Every writer gets a folder of its own below the stage (`main`, `e0`, `e1` …). After each frame the files found there are
moved to their final names below `outputs`. That keeps the main picture and the File Output nodes apart even where the scene
gives both the same path, and no half-written picture ever bears a final name.
"""

import os
import re

import bpy

MOVIE_FORMATS = {"AVI_JPEG", "AVI_RAW", "FFMPEG"}
MOVIE_EXTENSIONS = re.compile(r"\.(mp4|mov|mkv|avi|webm|ogv|ogg|mpg|mpeg|dvd|flv|dv|m4v|wmv)$", re.IGNORECASE)
LONGEST_NAME_BYTES = 180


class Writer:
    """One writer of the scene: where it writes now, and below which folder of `outputs` its files go."""

    def __init__(self, stage, kind, folder, layers):
        self.stage = stage
        self.kind = kind
        self.folder = folder
        # Start of a file's path below the stage -> view layer it shows, longest start first.
        self.layers = layers

    def layer_of(self, relative):
        for start, layer in sorted(self.layers.items(), key=lambda item: -len(item[0])):
            if relative.startswith(start):
                return layer
        return None


def redirect_writers(scene, stage, image_format):
    """Redirects all writers of the file. Returns the writers whose files are results, the main picture's first."""
    main_folder = _folder_of(scene.render.filepath)
    for each in bpy.data.scenes:
        if each != scene:
            each.render.filepath = os.path.join(stage, "unused", "")
        _guard_render_settings(each.render)
    _set_picture_format(scene.render.image_settings, image_format)
    movie_name = MOVIE_EXTENSIONS.sub("", _last_name(scene.render.filepath))
    main_stage = os.path.join(stage, "main", "")
    scene.render.filepath = main_stage + safe_name(movie_name)
    used_layers = [layer.name for layer in scene.view_layers if layer.use]
    layers = {"": used_layers[0]} if len(used_layers) == 1 else {}
    writers = [Writer(main_stage, "main", "", layers)]
    for tree in _compositor_trees():
        for node in tree.nodes:
            if node.bl_idname == "CompositorNodeOutputFile":
                node_stage = os.path.join(stage, "e%d" % (len(writers) - 1), "")
                writers.append(_redirect_node(node, node_stage, main_folder))
    return writers


def safe_name(name):
    """One name that cannot leave its folder and that any disk and tree can store. `#` stays: it counts frames."""
    name = name.encode("utf-8", "replace").decode("utf-8")
    name = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|{}]', "_", name)
    while len(name.encode("utf-8")) > LONGEST_NAME_BYTES:
        name = name[1:]
    return "" if name.strip(". ") == "" else name


def safe_relative(path):
    """A path below a folder; empty names, `.` and `..` go."""
    parts = path.replace("\\", "/").split("/")
    kept = [safe_name(part) for part in parts[:-1]]
    return "/".join([part for part in kept if part] + [safe_name(parts[-1])])


def _last_name(path):
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def _folder_of(path):
    absolute = bpy.path.abspath(path.replace("\\", "/"))
    return os.path.normpath(absolute[: absolute.rfind("/") + 1] or ".")


def _guard_render_settings(render):
    render.use_overwrite = True
    render.use_placeholder = False
    render.use_file_extension = True
    # It would write an EXR of the whole result beside the scene; it changes no picture.
    if hasattr(render, "use_render_cache"):
        render.use_render_cache = False


def _set_picture_format(settings, image_format):
    if not image_format and settings.file_format in MOVIE_FORMATS:
        image_format = "PNG"
    if not image_format or image_format == settings.file_format:
        return
    # From 5.0 on the kind of medium comes first and decides which formats there are to choose from.
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE" if image_format == "OPEN_EXR_MULTILAYER" else "IMAGE"
    settings.file_format = image_format


def _compositor_trees():
    """All compositor trees: of scenes (to 4.x), in node groups (5.0 keeps all of them there), linked ones as well."""
    trees = []
    for scene in bpy.data.scenes:
        tree = getattr(scene, "node_tree", None)
        if tree is not None and tree not in trees:
            trees.append(tree)
    for tree in bpy.data.node_groups:
        if tree.bl_idname == "CompositorNodeTree" and tree not in trees:
            trees.append(tree)
    return trees


def _redirect_node(node, stage, main_folder):
    multilayer = node.format.file_format == "OPEN_EXR_MULTILAYER"
    if hasattr(node, "base_path"):
        base = node.base_path
        name = _last_name(base) if multilayer else ""
        node.base_path = stage + safe_name(name) if multilayer else stage
        slots = [] if multilayer else node.file_slots
        layers = {}
        for index, slot in enumerate(slots):
            slot.path = safe_relative(slot.path)
            layers[slot.path.split("#")[0]] = _source_layer(node, index)
    else:
        base = node.directory + "/"
        node.directory = stage
        node.file_name = safe_name(node.file_name)
        layers = {}
        for index, item in enumerate(node.file_output_items):
            if not multilayer:
                item.name = safe_relative(item.name).replace("/", "_")
            layers[node.file_name + item.name] = _source_layer(node, index)
    layers = {start: layer for start, layer in layers.items() if layer is not None}
    return Writer(stage, "element", _element_folder(base, main_folder, multilayer), layers)


def _element_folder(base, main_folder, multilayer):
    """Beside the main picture as the scene has it; where that is impossible, the last folder's name."""
    folder = _folder_of(base if multilayer else base + "/")
    if folder == main_folder:
        return ""
    if folder.startswith(main_folder.rstrip("/") + "/"):
        below = folder[len(main_folder.rstrip("/")) + 1 :]
        return "/".join(part for part in map(safe_name, below.split("/")) if part)
    return safe_name(os.path.basename(folder))


def _source_layer(node, index):
    socket = node.inputs[index] if index < len(node.inputs) else None
    if socket is None or not socket.is_linked:
        return None
    source = socket.links[0].from_node
    return source.layer if source.bl_idname == "CompositorNodeRLayers" else None
