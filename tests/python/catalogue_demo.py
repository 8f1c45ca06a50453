"""What the real Python SDK sees of a farm's catalogue, and how it chooses from it.

    python catalogue_demo.py DOMAIN ACCESS_ID ACCESS_KEY TASK_FILES_FOLDER

The farm declares plug-ins, hardware and a package of nodes (see catalogue.test.ts). Prints one JSON line per step.
The assets were sent before.
"""
import json
import logging
import os
import shutil
import sys
import time

from rayvision_api.core import RayvisionAPI
from rayvision_api.task.check import RayvisionCheck

domain, access_id, access_key, folder = sys.argv[1:5]


def say(step, **facts):
    print(json.dumps({'step': step, **facts}), flush=True)


class Analysed:
    """What RayvisionCheck reads of an analyser object; on a copy of the files, because the check writes into them."""

    def __init__(self, name, **task_info):
        copy = os.path.join(os.path.dirname(folder), name)
        shutil.copytree(folder, copy)
        for part in ('task', 'tips', 'asset', 'upload'):
            path = os.path.join(copy, part + '.json')
            with open(path, encoding='utf-8') as file:
                setattr(self, part + '_info', json.load(file))
            setattr(self, part + '_json', path)
        self.task_info['task_info'].update(task_info)
        with open(self.task_json, 'w', encoding='utf-8') as file:
            json.dump(self.task_info, file)


def checked(name, hardware, **task_info):
    """Runs the check and sends the files; the task's id, its task_info, and the error's words."""
    analysed = Analysed(name, **task_info)
    try:
        # An API object keeps one task's id until that is submitted.
        check = RayvisionCheck(connected(), analysed, workspace=os.path.dirname(folder))
        task_id = int(check.execute(hardware, analysed.task_json, analysed.upload_json, analysed.asset_json))
    except Exception as thrown:
        return None, {}, '%s: %s' % (type(thrown).__name__, thrown)
    with open(analysed.task_json, encoding='utf-8') as file:
        text = file.read()
    api.transmit.upload_json_content(task_id, text, 'task.json')
    for part in ('tips', 'asset', 'upload'):
        with open(getattr(analysed, part + '_json'), encoding='utf-8') as file:
            api.transmit.upload_json_content(task_id, file.read(), part + '.json')
    return task_id, json.loads(text)['task_info'], None


def submitted(task_id):
    """The status in which the task ends, or the error's words."""
    try:
        api.submit(task_id)
    except Exception as thrown:
        return str(thrown)
    limit = time.time() + 100
    while time.time() < limit:
        status = api.query.task_info([task_id])['items'][0]['taskStatus']
        if status in (10, 20, 23, 25, 30, 35, 45):
            return status
        time.sleep(0.3)
    return 'still %s' % status


def connected():
    return RayvisionAPI(access_id=access_id, access_key=access_key, domain=domain, platform='2', protocol='http', logger=logging.getLogger('demo'))


logging.disable(logging.CRITICAL)
api = connected()

detail = api.query.supported_plugin('blender')
say('software', software=api.query.supported_software(), plugins=detail['cgPlugin'], versions=[row['cgVersion'] for row in detail['cgVersion']])
say('platforms', platforms=api.query.platforms(), packages=api.query.get_pack_node_info())

plugin = detail['cgPlugin'][0]['pluginVersions'][0]['pluginId']
env = {'cgId': 2007, 'cgName': 'Blender', 'cgVersion': detail['cgVersion'][0]['cgVersion'], 'editName': 'film', 'renderSystem': 0, 'pluginIds': [plugin], 'renderLayerType': 0}
added = api.env.add_render_env(env)
api.env.update_render_env(dict(env, pluginIds=[]))
api.env.set_default_render_env('film')
say('environments', added=added, listed=api.env.get_render_env(cg_names=['blender'], os_name=0), others=api.env.get_render_env(cg_names=['maya'], os_name=0))

STUDIO = {'model': 'Studio', 'ram': '4GB', 'gpuNum': None}
good, good_info, error = checked('good', STUDIO, edit_name='film', pack_node_id='809')
say('custom hardware', task_info=good_info, error=error, in_use=[row['id'] for row in api.user.get_hardware_config(task_ids=[str(good)]) if row['current']])
_, _, unknown = checked('unknown', {'model': 'Studio', 'ram': '5GB', 'gpuNum': None})
unfit, _, error = checked('unfit', {'model': 'NoBlender', 'ram': '4GB', 'gpuNum': None})
nowhere, _, _ = checked('nowhere', STUDIO, edit_name='nosuch')
say('refused', unknown=unknown, unfit_error=error)

status = submitted(good)
api.task.edit_task_hardware_config([good], ['28'], 'Studio', '', '4GB')
say('submitted', status=status, unfit=submitted(unfit), nowhere=submitted(nowhere), in_use=[row['id'] for row in api.user.get_hardware_config(task_ids=[str(good)]) if row['current']])
api.env.delete_render_env('film')
say('deleted', left=api.env.get_render_env(os_name=0))
