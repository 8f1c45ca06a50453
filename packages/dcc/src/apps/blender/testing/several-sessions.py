"""For tests: the sessions of several scenes one after another in one Blender, each as session.py would hold it.

A Blender costs most of a second before it renders anything. Started as session.py is, with `sessions` and their `requests` in
the JSON behind `--`; each session's messages bear its own nonce.
"""

import json
import os
import shutil
import sys

import bpy

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import session  # noqa: E402


class Wire(session.Wire):
    """The messages' end of a pipe that all sessions share; nobody feeds requests."""

    def __init__(self, nonce, fd):
        self.mark = "CROFT-" + nonce
        self.fd = fd


def hold(config, fd):
    wire = Wire(config["nonce"], fd)
    try:
        bpy.ops.wm.open_mainfile(filepath=config["scene"])
    except RuntimeError as error:
        # As on the command line, where Blender opens what it can and says on stderr what it could not.
        print(error, file=sys.stderr)
    stage = os.path.join(config["outputs"], ".croft-stage")
    try:
        renderer, inputs = session.prepare(config, stage, wire.say)
    except session.SetupError as error:
        wire.say("failed", frameId=None, code=error.code, reason=str(error))
        return
    wire.say("ready")
    for request in config["requests"]:
        session.attempt(wire, renderer, inputs, [session.unit_from(request)])
    shutil.rmtree(stage, ignore_errors=True)


def main():
    fd = os.dup(1)
    os.dup2(2, 1)
    for config in json.loads(sys.argv[sys.argv.index("--") + 1])["sessions"]:
        hold(config, fd)
    os._exit(0)


main()
