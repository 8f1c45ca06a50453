"""Renders units of frames and finds the files they made.

Frames are rendered as an animation over exactly their numbers, which gives the names and the pixels of `blender -a`; the
handlers tell when one begins and when its files are on disk.
"""

import os

import bpy


class Unit:
    """Frame numbers that the farm counts as one piece of work."""

    def __init__(self, frame_id, first, last, step):
        self.frame_id = frame_id
        self.numbers = list(range(first, last + 1, step))
        self.step = step


class Failure(Exception):
    """A unit that cannot be rendered; `code` as in the node's catalogue."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code


class Renderer:
    """Renders with the scene as it is set up; `say(event, **fields)` reports."""

    def __init__(self, scene, writers, outputs, say):
        self.scene = scene
        self.writers = writers
        self.outputs = outputs
        self.say = say
        self.waiting = []
        self.found = []
        self.claimed = {}
        self.expected = {}
        self.error = None
        bpy.app.handlers.render_pre.append(self._guarded(self._frame_begins))
        bpy.app.handlers.render_write.append(self._guarded(self._frame_written))

    def render(self, units):
        """Renders units whose numbers follow each other at one step. Raises Failure for the unit that could not."""
        numbers = [number for unit in units for number in unit.numbers]
        self.waiting = list(units)
        self.found, self.claimed, self.error = [], {}, None
        self.expected = {number: self._names_of(number) for number in numbers}
        self._empty_stage()
        try:
            if numbers[0] < 0:
                self._render_stills(numbers)
            else:
                self._render_animation(numbers)
        except RuntimeError as error:
            raise Failure("DCC_RENDER_FAILED", str(error).strip()) from error
        if self.error is not None:
            raise self.error
        if self.waiting:
            raise Failure("DCC_OUTPUT_MISSING", "Blender ended without writing frame %d" % self.waiting[0].numbers[0])

    def _render_animation(self, numbers):
        scene = self.scene
        scene.frame_start, scene.frame_end = numbers[0], numbers[-1]
        scene.frame_step = numbers[1] - numbers[0] if len(numbers) > 1 else 1
        bpy.ops.render.render(animation=True, scene=scene.name)

    def _render_stills(self, numbers):
        """A scene's range cannot begin below zero, so such frames are set and saved one by one."""
        render = self.scene.render
        pattern = render.filepath
        try:
            for number in numbers:
                self.scene.frame_set(number)
                render.filepath = pattern
                render.filepath = render.frame_path(frame=number)
                bpy.ops.render.render(write_still=True, scene=self.scene.name)
                if self.error is not None:
                    return
        finally:
            render.filepath = pattern

    def _guarded(self, handler):
        """Blender prints what a handler raises and goes on; here the first error ends the unit instead."""

        def guarded(*_):
            if self.error is None and self.waiting:
                try:
                    handler(self.scene.frame_current)
                except Exception as error:
                    self.error = error

        return guarded

    def _frame_begins(self, number):
        if number == self.waiting[0].numbers[0]:
            self.say("started", frameId=self.waiting[0].frame_id)

    def _frame_written(self, number):
        unit = self.waiting[0]
        if number not in unit.numbers:
            raise Failure("DCC_OUTPUT_MISSING", "Blender wrote frame %d, which nobody asked for" % number)
        self._collect(number)
        if number != unit.numbers[-1]:
            return
        for output in self.found:
            self.say("output", frameId=unit.frame_id, **output)
        self.say("done", frameId=unit.frame_id, outputs=len(self.found))
        self.waiting.pop(0)
        self.found, self.claimed = [], {}

    def _collect(self, number):
        for path in self.expected[number]:
            if not os.path.isfile(path) or os.path.getsize(path) == 0:
                raise Failure("DCC_OUTPUT_MISSING", "Blender did not write %s" % os.path.basename(path))
        for writer in self.writers:
            for relative in _files_below(writer.stage):
                self.found.append(self._publish(writer, relative, number))

    def _names_of(self, number):
        """The main pictures as Blender itself names them: one, or one a view."""
        render = self.scene.render
        if not render.use_multiview or render.image_settings.views_format != "INDIVIDUAL":
            return [bpy.path.abspath(render.frame_path(frame=number))]
        return [bpy.path.abspath(render.frame_path(frame=number, view=view.name)) for view in self._views()]

    def _views(self):
        render = self.scene.render
        stereo = render.views_format == "STEREO_3D"
        return [view for view in (render.stereo_views if stereo else render.views) if view.use]

    def _publish(self, writer, relative, number):
        final = "%s/%s" % (writer.folder, relative) if writer.folder else relative
        stem, extension = os.path.splitext(final)
        copy = 1
        while final in self.claimed:
            copy += 1
            final = "%s_%d%s" % (stem, copy, extension)
        self.claimed[final] = writer
        target = os.path.join(self.outputs, *final.split("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.replace(os.path.join(writer.stage, relative), target)
        return {
            "file": final,
            "frame": number,
            "kind": writer.kind,
            "layer": writer.layer_of(relative),
            "camera": self._camera_of(relative),
        }

    def _camera_of(self, relative):
        camera = self.scene.camera
        if camera is None:
            return None
        render = self.scene.render
        if render.use_multiview and render.views_format == "MULTIVIEW":
            stem = os.path.splitext(relative)[0]
            for view in self._views():
                name = _without_view(camera.name, render.views) + view.camera_suffix
                if view.file_suffix and stem.endswith(view.file_suffix) and name in bpy.data.objects:
                    return name
        return camera.name

    def _empty_stage(self):
        for writer in self.writers:
            os.makedirs(writer.stage, exist_ok=True)
            for relative in _files_below(writer.stage):
                os.remove(os.path.join(writer.stage, relative))


def _without_view(name, views):
    for view in views:
        if view.camera_suffix and name.endswith(view.camera_suffix):
            return name[: -len(view.camera_suffix)]
    return name


def _files_below(folder):
    found = []
    for where, _, names in os.walk(folder):
        for name in names:
            found.append(os.path.relpath(os.path.join(where, name), folder).replace(os.sep, "/"))
    return sorted(found)
