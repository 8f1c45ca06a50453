"""Says which file a frame needs but has not. Blender itself renders on, with a pink picture and exit code 0.

Only what the scenes can reach counts: a picture kept alive by a brush, an editor or a fake user is none of ours.
"""

import os
import re

import bpy

NOT_RENDERED = {"Brush", "Palette", "PaintCurve", "Screen", "WorkSpace", "WindowManager"}
LAST_DIGITS = re.compile(r"^(.*?)(\d+)(\D*)$", re.DOTALL)


class Inputs:
    """The files of the open scene. Those that every frame needs are looked at once, sequences for each frame."""

    def __init__(self, scene, root):
        """`root`: the work folder's inputs; below it a file lies as on the machine that its user knows."""
        self.scene = scene
        self.root = root
        self.users = None
        self.image_users = _image_users()
        self.lasting = self._first_missing(self._lasting_files()) or self._missing_datablock()

    def missing(self, numbers):
        """A sentence that names the first file missing for any of the frames; None where all are there."""
        if self.lasting:
            return self.lasting
        for number in numbers:
            found = self._first_missing(self._files_of_frame(number))
            if found:
                return found
        return None

    def _first_missing(self, files):
        for owner, kind, path in files:
            if not os.path.isfile(path) and self._is_rendered(owner):
                return '%s "%s" needs the file %s, which is missing' % (kind, owner.name, self._told(path))
        return None

    def _told(self, path):
        return path[len(self.root):] if path.startswith(self.root) else path

    def _is_rendered(self, owner):
        """Whether a scene reaches the datablock, through others and not through editors and brushes."""
        if isinstance(owner, (bpy.types.Library, bpy.types.Scene)):
            return True
        if self.users is None:
            self.users = bpy.data.user_map()
        seen, waiting = set(), [owner]
        while waiting:
            block = waiting.pop()
            if isinstance(block, bpy.types.Scene):
                return True
            if block in seen or block.bl_rna.identifier in NOT_RENDERED:
                continue
            seen.add(block)
            waiting.extend(self.users.get(block, ()))
        return False

    def _lasting_files(self):
        for library in bpy.data.libraries:
            if getattr(library, "packed_file", None) is None:
                yield library, "The library", _absolute(library.filepath, None)
        for image in bpy.data.images:
            yield from _lasting_image_files(image)
        for clip in bpy.data.movieclips:
            if clip.source == "MOVIE":
                yield clip, "The clip", _path_of(clip)
        for font in bpy.data.fonts:
            if font.filepath != "<builtin>" and font.packed_file is None:
                yield font, "The font", _path_of(font)
        for cache in bpy.data.cache_files:
            if not cache.is_sequence:
                yield cache, "The cache", _path_of(cache)
        for volume in bpy.data.volumes:
            if not volume.is_sequence and volume.packed_file is None and volume.filepath:
                yield volume, "The volume", _path_of(volume)
        yield from _mesh_caches()
        yield from _node_files()

    def _files_of_frame(self, number):
        for image, user in self.image_users:
            if image.source == "SEQUENCE" and not _is_packed(image):
                yield image, "The image", numbered(_path_of(image), image_number(user, number))
        for clip in bpy.data.movieclips:
            if clip.source == "SEQUENCE":
                name = _path_of(clip)
                first = LAST_DIGITS.match(os.path.basename(name))
                start = int(first.group(2)) if first else 0
                shown = max(number - clip.frame_start, 0) + clip.frame_offset + start
                yield clip, "The clip", numbered(name, shown)
        for cache in bpy.data.cache_files:
            if cache.is_sequence:
                shown = cache.frame if cache.override_frame else number
                yield cache, "The cache", numbered(_path_of(cache), int(shown - cache.frame_offset))
        for volume in bpy.data.volumes:
            shown = volume_number(volume, number)
            if shown is not None:
                yield volume, "The volume", numbered(_path_of(volume), shown)
        yield from self._strip_files(number)

    def _strip_files(self, number):
        """Pictures and films in the edit, where the edit is what is rendered."""
        editor = self.scene.sequence_editor
        if editor is None or not self.scene.render.use_sequencer:
            return
        strips = editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all
        for strip in strips:
            if strip.mute or not strip.frame_final_start <= number < strip.frame_final_end:
                continue
            if strip.type == "MOVIE":
                yield self.scene, "The scene", _absolute(strip.filepath, self.scene.library)
            elif strip.type == "IMAGE":
                element = strip.strip_elem_from_frame(number)
                if element is not None:
                    path = os.path.join(_absolute(strip.directory, self.scene.library), element.filename)
                    yield self.scene, "The scene", path

    def _missing_datablock(self):
        """Something linked whose library is there but holds it no more: Blender leaves an empty stand-in."""
        for library, blocks in _linked_by_library().items():
            held = None
            for kind, block in blocks:
                if hasattr(block, "is_missing"):
                    gone = block.is_missing
                else:
                    held = held or _names_in(_absolute(library.filepath, None))
                    gone = kind in held and block.name not in held[kind]
                if gone and self._is_rendered(block):
                    return 'The library %s holds no "%s", which the scene links' % (library.filepath, block.name)
        return None


def numbered(path, number):
    """The path with its last run of digits replaced by the number, at least as many digits long."""
    folder, name = os.path.split(path)
    match = LAST_DIGITS.match(name)
    if not match:
        return path
    head, digits, tail = match.groups()
    return os.path.join(folder, "%s%0*d%s" % (head, len(digits), number, tail))


def image_number(user, frame):
    """Number of the sequence's file that Blender shows at a frame; `user` says how the scene maps them."""
    length = user.frame_duration
    shown = frame - user.frame_start + 1
    if user.use_cyclic and length > 0:
        shown = shown % length or length
    return max(0, min(shown, length)) + user.frame_offset


def volume_number(volume, frame):
    """Number of the volume sequence's file at a frame; None where the volume shows nothing then."""
    if not volume.is_sequence or not volume.filepath:
        return None
    length, mode = volume.frame_duration, volume.sequence_mode
    if length == 0:
        return None
    index = frame - volume.frame_start
    if mode == "CLIP" and not 0 <= index < length:
        return None
    if mode == "EXTEND":
        index = min(max(index, 0), length - 1)
    elif mode == "REPEAT":
        index %= length
    elif mode == "PING_PONG":
        turn = max(2 * length - 2, 1)
        index = min(index % turn, turn - index % turn)
    return index + volume.frame_offset + 1


def _absolute(path, library):
    return os.path.normpath(bpy.path.abspath(path.replace("\\", "/") if os.sep == "/" else path, library=library))


def _path_of(block):
    return _absolute(block.filepath, block.library)


def _is_packed(image):
    return image.packed_file is not None or len(image.packed_files) > 0


def _lasting_image_files(image):
    if _is_packed(image) or not image.filepath:
        return
    path = _path_of(image)
    if image.source in {"FILE", "MOVIE"}:
        yield image, "The image", path
    elif image.source == "TILED":
        for tile in image.tiles:
            across, up = (tile.number - 1001) % 10 + 1, (tile.number - 1001) // 10 + 1
            name = path.replace("<UDIM>", str(tile.number)).replace("<UVTILE>", "u%d_v%d" % (across, up))
            yield image, "The image", name


def _image_users():
    """All (image, image user) pairs of node trees, textures and camera backgrounds."""
    pairs = []
    for tree in _node_trees():
        for node in tree.nodes:
            image = getattr(node, "image", None)
            if not isinstance(image, bpy.types.Image):
                continue
            # Compositor nodes carry the fields of an image user themselves.
            user = getattr(node, "image_user", node)
            if hasattr(user, "frame_duration"):
                pairs.append((image, user))
    for texture in bpy.data.textures:
        if getattr(texture, "image", None) is not None:
            pairs.append((texture.image, texture.image_user))
    for item in bpy.data.objects:
        if item.type == "EMPTY" and isinstance(item.data, bpy.types.Image) and not item.hide_render:
            pairs.append((item.data, item.image_user))
    return pairs


def _node_trees():
    yield from bpy.data.node_groups
    for blocks in (bpy.data.materials, bpy.data.worlds, bpy.data.lights, bpy.data.scenes, bpy.data.linestyles):
        for block in blocks:
            tree = getattr(block, "node_tree", None)
            if tree is not None:
                yield tree


def _mesh_caches():
    for item in bpy.data.objects:
        for modifier in item.modifiers:
            if modifier.type == "MESH_CACHE" and modifier.show_render and modifier.filepath:
                yield item, "The mesh cache of", _absolute(modifier.filepath, item.library)


def _node_files():
    for tree in _node_trees():
        for node in tree.nodes:
            external = getattr(node, "mode", "") == "EXTERNAL" and bool(getattr(node, "filepath", ""))
            if external and node.bl_idname in {"ShaderNodeTexIES", "ShaderNodeScript"}:
                yield _owner_of(tree), "A node of", _absolute(node.filepath, tree.library)


def _owner_of(tree):
    if not tree.is_embedded_data:
        return tree
    for blocks in (bpy.data.materials, bpy.data.worlds, bpy.data.lights, bpy.data.scenes, bpy.data.linestyles):
        for block in blocks:
            if getattr(block, "node_tree", None) == tree:
                return block
    return tree


def _linked_by_library():
    linked = {}
    for kind in dir(bpy.data):
        blocks = getattr(bpy.data, kind)
        if isinstance(blocks, bpy.types.bpy_prop_collection) and kind != "libraries":
            for block in blocks:
                if block.library is not None:
                    linked.setdefault(block.library, []).append((kind, block))
    return linked


def _names_in(path):
    with bpy.data.libraries.load(path, link=True) as (held, _):
        return {kind: set(getattr(held, kind)) for kind in dir(held) if not kind.startswith("_")}
