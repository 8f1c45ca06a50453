"""The documented way of the real SDK from check to frames on the disk, with its transfer half: unmodified packages.

    python transfer_demo.py DOMAIN ACCESS_ID ACCESS_KEY TASK_FILES_FOLDER TRANSMITTER OUTPUT_FOLDER

Runs with every generation. rayvision_sync 2.1 takes neither transmitter nor line from its caller: its transmitter is set as
an attribute, and the address is given to each call, as documented. 1.2 takes the address as an attribute, too.
Prints one JSON line per step.
"""
import inspect
import json
import logging
import os
import sys

from rayvision_api.core import RayvisionAPI
from rayvision_api.task.check import RayvisionCheck
from rayvision_sync.download import RayvisionDownload
from rayvision_sync.upload import RayvisionUpload

domain, access_id, access_key, folder, transmitter, output = sys.argv[1:7]


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


class Lines(logging.Handler):
    """Keeps what the SDK logs: it repeats every line of the transmitter."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


logger = logging.getLogger('demo')
logger.setLevel(logging.DEBUG)
logger.propagate = False
kept = Lines()
logger.addHandler(kept)

os_name = {'local_os': 'linux'} if 'local_os' in inspect.signature(RayvisionAPI.__init__).parameters else {}
api = RayvisionAPI(access_id=access_id, access_key=access_key, domain=domain, platform='2', protocol='http', logger=logger, **os_name)
host, port = domain.split(':')
analysed = Analysed(folder)
check = RayvisionCheck(api, analysed, workspace=folder)
is_new = 'transmitter_exe' in inspect.signature(RayvisionUpload.__init__).parameters
if is_new:
    hardware = next(item for item in api.user.get_hardware_config() if item['status'])
    custom = [{key: hardware[key] for key in ('model', 'ram', 'gpuNum')}]
    mover = {'transmitter_exe': transmitter, 'logger': logger}
    line = {}
else:
    custom, mover = [], {}
    takes_line = 'server_ip' in inspect.signature(RayvisionUpload.upload).parameters
    line = {'server_ip': host, 'server_port': port} if takes_line else {}
    logging.getLogger('rayvision_sync').setLevel(logging.DEBUG)
    logging.getLogger('rayvision_sync').addHandler(kept)
task_id = check.execute(*custom, analysed.task_json, analysed.upload_json, analysed.asset_json)


def own(mover):
    """Sends through Croft's transmitter, to this farm."""
    mover.trans.transmitter_exe = transmitter
    if not is_new and not line:
        mover.trans.transport_info = dict(mover.trans.transport_info, server_ip=host, server_port=port)
    return mover


upload = own(RayvisionUpload(api, **mover))
say('lines', transport=upload.trans.transport_info)
paths = {name + '_json_path': os.path.join(folder, name + '.json') for name in ('task', 'tips', 'asset', 'upload')}
kept.lines.clear()
result = upload.upload(str(task_id), **paths, **line)
say('upload', result=result, lines=kept.lines[:])

kept.lines.clear()
result = upload.upload_asset(paths['upload_json_path'], **line)
say('again', result=result, lines=kept.lines[:])

api.submit(int(task_id))
download = own(RayvisionDownload(api, **mover))
kept.lines.clear()
result = download.auto_download([int(task_id)], local_path=output, sleep_time=1, print_log=True, **line)
say('download', task_id=task_id, result=result, lines=kept.lines[:])

kept.lines.clear()
name = api.query.task_info([int(task_id)])['items'][0]['outputFileName']
plain = os.path.join(output, 'plain')
result = download.download([int(task_id)], local_path=plain, download_filename_format='false', **line)
listed = os.path.join(output, 'listed')
download.download(server_path=[name], local_path=listed, **line)
say('formats', name=name, result=result, lines=kept.lines[:])
