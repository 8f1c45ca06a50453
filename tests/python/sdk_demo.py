"""The documented demo of the Python SDK, unmodified package, against a running farm.

    python sdk_demo.py DOMAIN ACCESS_ID ACCESS_KEY TASK_FILES_FOLDER

The four files come from Croft's own analysis, since the vendor's analysers start the application itself. The asset bytes
are sent by the caller between `check` and `submit`: the transfer program is not part of this package. Prints one JSON line
per step; waits for a line on stdin before it submits.
"""
import json
import logging
import os
import sys
import time

from rayvision_api.core import RayvisionAPI
from rayvision_api.task.check import RayvisionCheck

domain, access_id, access_key, folder = sys.argv[1:5]


def say(step, **facts):
    print(json.dumps({'step': step, **facts}), flush=True)


class Analysed:
    """What RayvisionCheck reads of an analyser object."""

    def __init__(self, folder):
        for name in ('task', 'tips', 'asset', 'upload'):
            path = os.path.join(folder, name + '.json')
            with open(path, encoding='utf-8') as file:
                setattr(self, name + '_info', json.load(file))
            setattr(self, name + '_json', path)


logging.disable(logging.CRITICAL)
api = RayvisionAPI(access_id=access_id, access_key=access_key, domain=domain, platform='2', protocol='http', logger=logging.getLogger('demo'))
say('login', user_info={key: api.user_info.get(key) for key in ('user_id', 'user_name', 'config_bid', 'input_bid', 'output_bid')})

analysed = Analysed(folder)
hardware = next(item for item in api.user.get_hardware_config() if item['status'])
custom = {key: hardware[key] for key in ('model', 'ram', 'gpuNum')}
task_id = RayvisionCheck(api, analysed, workspace=folder).execute(
    custom, analysed.task_json, analysed.upload_json, analysed.asset_json
)
with open(analysed.task_json, encoding='utf-8') as file:
    task_file = file.read()
say('check', task_id=task_id, task_info=json.loads(task_file)['task_info'])
for name in ('task', 'tips', 'asset', 'upload'):
    with open(os.path.join(folder, name + '.json'), encoding='utf-8') as file:
        api.transmit.upload_json_content(task_id, file.read(), name + '.json')
say('config')

sys.stdin.readline()
say('submit', answer=api.submit(int(task_id)))

END = {10, 20, 23, 25, 30, 35, 45}
limit = time.time() + 120
while True:
    info = api.query.task_info([int(task_id)])['items'][0]
    if info['taskStatus'] in END or time.time() > limit:
        break
    time.sleep(0.5)
frames = api.query.get_all_frames(int(task_id))
say('ended', status=info['taskStatus'], statusText=info['statusText'], info=info, frames=len(frames['items'] if isinstance(frames, dict) and 'items' in frames else frames))
say('lists', tasks=api.query.get_task_list(page_num=1, page_size=10)['total'], totals=api.query.all_frame_status())
