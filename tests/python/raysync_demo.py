"""The second engine of the real transfer SDK, raysyncproxy, from its own fetching of the package on: unmodified packages.

    python raysync_demo.py DOMAIN ACCESS_ID ACCESS_KEY FOLDER

DOMAIN speaks TLS. FOLDER holds task.json and upload.json. The SDK looks at a transfer every five seconds, so several
run at once. Prints one JSON line per step.
"""
import json
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor

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


def at_once(*works):
    with ThreadPoolExecutor(len(works)) as pool:
        return [one.result() for one in [pool.submit(work) for work in works]]


# Each object stops and starts the service for itself; what two of them unpack at once, the SDK spoils.
config, asset = (RayvisionUpload(api, logger=logger) for _ in range(2))
config.raysync_engine.auto_download()
results = at_once(
    lambda: config.upload_config('77', [os.path.join(folder, 'task.json')], **engine),
    lambda: asset.upload_asset(os.path.join(folder, 'upload.json'), upload_num=3, network_mode=1, **engine))
say('upload', engines=sorted(asset.trans.transport_info), results=results, lines=kept.take())
say('limits', limits=asset.raysync_engine.get_task_limit())


def fetched(name, form):
    download = RayvisionDownload(api, logger=logger)
    return download.download(server_path='pairs/deep', asset=True, local_path=os.path.join(folder, name), download_filename_format=form, enable_hash=True, **engine)


def refused():
    asset.raysync_engine.password = 'wrong&1&2&12345678'
    try:
        return asset.upload_asset(os.path.join(folder, 'upload.json'), **engine)
    except CreatTaskFailed as error:
        return str(error)


say('download', results=at_once(lambda: fetched('with', 'true'), lambda: fetched('without', 'false'), refused), lines=kept.take())
