"""What the real transfer SDK does with tasks of every kind, as its makers test it: unmodified packages, any generation.

    python transfer_checklist.py DOMAIN ACCESS_ID ACCESS_KEY FOLDER TRANSMITTER TASKS

FOLDER/cfg holds the four files of a task that stops after its test frame. TASKS is JSON with the ids `layered`, `odd` and
`stopped`. Prints one JSON line per step; before `watched` it waits for the id of a task in FOLDER/watched.id.
"""
import inspect
import json
import logging
import os
import sys
import time

from rayvision_api.core import RayvisionAPI
from rayvision_api.task.check import RayvisionCheck
from rayvision_sync.download import RayvisionDownload
from rayvision_sync.manage import RayvisionManageTask
from rayvision_sync.upload import RayvisionUpload

domain, access_id, access_key, folder, transmitter, tasks = sys.argv[1:7]
tasks = json.loads(tasks)


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
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())

    def take(self):
        taken, self.lines = self.lines, []
        return taken


kept = Lines()
for name in ('rayvision_sync', 'demo'):
    logger = logging.getLogger(name)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(kept)
is_new = 'transmitter_exe' in inspect.signature(RayvisionUpload.__init__).parameters
os_name = {'local_os': 'linux'} if 'local_os' in inspect.signature(RayvisionAPI.__init__).parameters else {}
api = RayvisionAPI(access_id=access_id, access_key=access_key, domain=domain, platform='2', protocol='http', logger=logger, **os_name)
host, port = domain.split(':')
mover = {'logger': logger, 'transmitter_exe': transmitter} if is_new else {}
line = {} if is_new else {'server_ip': host, 'server_port': port}


def own(made):
    made.trans.transmitter_exe = transmitter
    return made


upload = own(RayvisionUpload(api, **mover))
download = own(RayvisionDownload(api, **mover))
manage = RayvisionManageTask(api.query)


def code_of(task_id):
    return [int(status['task_status_code']) for status in manage.get_task_status([task_id])]


cfg = os.path.join(folder, 'cfg')
analysed = Analysed(cfg)
custom = []
if is_new:
    hardware = next(item for item in api.user.get_hardware_config() if item['status'])
    custom = [{key: hardware[key] for key in ('model', 'ram', 'gpuNum')}]
tested = int(RayvisionCheck(api, analysed, workspace=cfg).execute(*custom, analysed.task_json, analysed.upload_json, analysed.asset_json))
paths = {name + '_json_path': os.path.join(cfg, name + '.json') for name in ('task', 'tips', 'asset', 'upload')}
created = code_of(tested)
uploaded = upload.upload(str(tested), **paths, **line)
api.submit(tested)
say('submitted', task_id=tested, uploaded=uploaded, lines=kept.take(), codes=created + code_of(tested) + sum((code_of(each) for each in tasks.values()), []))

result = download.download([tasks['layered']], **line)
say('nested', result=result)
result = download.download([tasks['odd']], local_path=os.path.join(folder, 'plain'), download_filename_format='false', **line)
say('plain', result=result)
names = [output['output_name'] if isinstance(output, dict) else output
         for output in manage.output_file_names(manage.get_task_status([tasks['layered'], tasks['odd']]))]
download.download(server_path=names[0], local_path=os.path.join(folder, 'one'), **line)
download.download(server_path=names, local_path=os.path.join(folder, 'list'), **line)
say('named', names=names)

waited = os.path.join(folder, 'watched.id')
while not os.path.exists(waited):
    time.sleep(.05)
with open(waited) as file:
    watched = int(file.read())
kept.take()
result = download.auto_download([watched], local_path=os.path.join(folder, 'watched'), print_log=True, sleep_time=1, **line)
say('watched', result=result, codes=code_of(watched), lines=kept.take())

if is_new:
    result = download.auto_download([tested], local_path=os.path.join(folder, 'tested'), sleep_time=1, is_test_stop=True)
    say('tested', result=result, codes=code_of(tested))
    try:
        result = download.auto_download([tasks['stopped']], local_path=os.path.join(folder, 'stopped'), sleep_time=0)
    except Exception as error:
        result = type(error).__name__ + ': ' + str(error)
    say('stopped', result=result)
