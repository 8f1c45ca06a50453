"""Runs inside Blender: renders what the node asks for and says what became of it. launch.ts describes the messages.

Started as `blender -b … scene.blend --python session.py -- <json>`; the scene is open already.
"""

import json
import os
import queue
import shutil
import sys
import threading
import traceback

import bpy

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from session_inputs import Inputs  # noqa: E402
from session_render import Failure, Renderer, Unit  # noqa: E402
from session_setup import SetupError, prepare_scene  # noqa: E402
from session_writers import redirect_writers  # noqa: E402

LONGEST_REASON = 2000


class Wire:
    """The node's end of the pipes.

    Messages get the real stdout for themselves; everything else that prints, in C or in Python, goes to stderr from here on,
    so that no foreign half-line can stand before a message.
    """

    def __init__(self, nonce):
        self.mark = "CROFT-" + nonce
        self.fd = os.dup(1)
        os.dup2(2, 1)
        self.requests = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def say(self, event, **fields):
        body = json.dumps({"event": event, **fields}, ensure_ascii=True)
        data = ("\n%s %s\n" % (self.mark, body)).encode()
        while data:
            data = data[os.write(self.fd, data) :]

    def _listen(self):
        """Feeds requests to the main thread. The end of stdin ends Blender at once, also in the middle of a frame."""
        rest = b""
        while True:
            data = os.read(0, 65536)
            if not data:
                os._exit(0)
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if line.strip():
                    self.requests.put(line)


def unit_from(request):
    return Unit(request["frameId"], request["first"], request["last"], request["step"])


def units_of(runs):
    """The units of a batch, which come packed: `count` units, each `stride` frames after the one before."""
    units = []
    for run in runs:
        for index in range(run["count"]):
            first, last = (run[key] + index * run["stride"] for key in ("first", "last"))
            units.append(Unit(run["frameId"] + index, first, last, run["step"]))
    return units


def attempt(wire, renderer, inputs, units):
    """Renders units, or says why the one in turn cannot be. Returns whether all are done."""
    try:
        for unit in units:
            missing = inputs.missing(unit.numbers)
            if missing:
                renderer.waiting = [unit]
                raise Failure("DCC_INPUT_MISSING", missing)
        renderer.render(units)
        return True
    except Failure as failure:
        code, reason = failure.code, str(failure)
    except Exception:
        code, reason = "DCC_SESSION_BUG", traceback.format_exc()
    frame_id = renderer.waiting[0].frame_id if renderer.waiting else units[-1].frame_id
    wire.say("failed", frameId=frame_id, code=code, reason=reason[-LONGEST_REASON:])
    return False


def serve(wire, renderer, inputs):
    while True:
        unit = unit_from(json.loads(wire.requests.get()))
        attempt(wire, renderer, inputs, [unit])


def run_batch(wire, renderer, inputs, config):
    """One animation over all that follows at one step, because a simulation carries its state from frame to frame."""
    units = units_of(config["batch"])
    step_from = config["settings"]["stepFrom"]
    if step_from is not None:
        for number in range(step_from, units[0].numbers[0]):
            renderer.scene.frame_set(number)
    for group in grouped(units):
        if not attempt(wire, renderer, inputs, group):
            return


def grouped(units):
    groups = []
    for unit in units:
        if groups and follows(groups[-1], unit):
            groups[-1].append(unit)
        else:
            groups.append([unit])
    return groups


def follows(group, unit):
    numbers = [number for each in group[-2:] for number in each.numbers]
    gap = unit.numbers[0] - numbers[-1]
    gaps = {b - a for a, b in zip(numbers + unit.numbers, numbers[1:] + unit.numbers)}
    return gap > 0 and len(gaps) == 1


def prepare(config, stage, say):
    """Makes the open scene the run's: what it renders with, and the files it needs. Raises SetupError."""
    scene = prepare_scene(config["scene"], config["settings"])
    inputs = Inputs(scene, config["inputs"])
    writers = redirect_writers(scene, stage, config["settings"]["formatOverride"])
    return Renderer(scene, writers, config["outputs"], say), inputs


def main():
    config = json.loads(sys.argv[sys.argv.index("--") + 1])
    wire = Wire(config["nonce"])
    stage = os.path.join(config["outputs"], ".croft-stage-%d" % os.getpid())
    try:
        renderer, inputs = prepare(config, stage, wire.say)
    except SetupError as error:
        wire.say("failed", frameId=None, code=error.code, reason=str(error)[-LONGEST_REASON:])
        os._exit(0)
    except Exception:
        wire.say("failed", frameId=None, code="DCC_SESSION_BUG", reason=traceback.format_exc()[-LONGEST_REASON:])
        os._exit(97)
    wire.say("ready")
    if config["batch"] is None:
        serve(wire, renderer, inputs)
    run_batch(wire, renderer, inputs, config)
    shutil.rmtree(stage, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
