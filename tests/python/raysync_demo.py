"""The second engine of the real transfer SDK, raysyncproxy, from its own fetching of the package on: unmodified packages.

    python raysync_demo.py DOMAIN ACCESS_ID ACCESS_KEY FOLDER

DOMAIN speaks TLS. FOLDER holds task.json and upload.json. The SDK looks at a transfer every five seconds, so each step takes
that long. Prints one JSON line per step.
"""
import json
import logging
import os
import sys

from rayvision_api.core import RayvisionAPI
from rayvision_sync.download import RayvisionDownload
from rayvision_sync.rayvision_raysync.exception import CreatTaskFailed
from rayvision_sync.upload import RayvisionUpload

domain, access_id, access_key, folder = sys.argv[1:5]


def say(step, **facts):
    print(json.dumps({'step': step, **facts}), flush=True)


class Lines(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())

    def take(self):
        taken, self.lines = self.lines, []
        return taken


logger = logging.getLogger('demo')
logger.setLevel(logging.DEBUG)
logger.propagate = False
kept = Lines()
logger.addHandler(kept)
api = RayvisionAPI(access_id=access_id, access_key=access_key, domain=domain, platform='2', protocol='https', logger=logger)
engine = {'engine_type': 'raysyncproxy'}
upload = RayvisionUpload(api, logger=logger)
say('lines', engines=sorted(upload.trans.transport_info))

result = upload.upload_config('77', [os.path.join(folder, 'task.json')], **engine)
say('config', result=result, lines=kept.take())
result = upload.upload_asset(os.path.join(folder, 'upload.json'), upload_num=3, network_mode=1, **engine)
say('asset', result=result, lines=kept.take())
say('limits', limits=upload.raysync_engine.get_task_limit())

download = RayvisionDownload(api, logger=logger)
for name, form in (('with', 'true'), ('without', 'false')):
    result = download.download(server_path='pairs/deep', asset=True, local_path=os.path.join(folder, name), download_filename_format=form, enable_hash=True, **engine)
    say(name, result=result, lines=kept.take())

upload.raysync_engine.password = 'wrong&1&2&12345678'
try:
    result = upload.upload_asset(os.path.join(folder, 'upload.json'), **engine)
except CreatTaskFailed as error:
    result = str(error)
say('wrong', result=result, lines=kept.take())
download.raysync_engine.close_raysync()
say('closed')
