"""How the real transfer SDK takes what our transmitter answers when something is wrong: unmodified packages.

    python transfer_mistakes.py DOMAIN ACCESS_ID ACCESS_KEY FOLDER TRANSMITTER

FOLDER holds missing.json (an upload.json that names a file that is not there) and pairs.json (four files). Prints one JSON
line per step.
"""
import json
import logging
import os
import sys

from rayvision_api.core import RayvisionAPI
from rayvision_sync.download import RayvisionDownload
from rayvision_sync.exception import DownloadFailed, RayvisionError
from rayvision_sync.upload import RayvisionUpload
from rayvision_sync.utils import cutting_upload

domain, access_id, access_key, folder, transmitter = sys.argv[1:6]


def say(step, **facts):
    print(json.dumps({'step': step, **facts}), flush=True)


class Lines(logging.Handler):
    """Keeps what the SDK logs: it repeats every line of the transmitter."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())

    def take(self):
        taken, self.lines = self.lines, []
        return taken


class Records:
    """What the SDK asks of a Redis client when uploads are recorded."""

    def __init__(self):
        self.paths = []

    def hset(self, _name, key, _value):
        self.paths.append(key)


logger = logging.getLogger('demo')
logger.setLevel(logging.DEBUG)
logger.propagate = False
kept = Lines()
logger.addHandler(kept)
api = RayvisionAPI(access_id=access_id, access_key=access_key, domain=domain, platform='2', protocol='http', logger=logger)
upload = RayvisionUpload(api, transmitter_exe=transmitter, logger=logger)
download = RayvisionDownload(api, transmitter_exe=transmitter, logger=logger)
kept.take()

try:
    upload.upload_asset(os.path.join(folder, 'missing.json'))
    code = 0
except RayvisionError as error:
    code = error.error_code
say('missing', code=code, lines=kept.take())

pieces = cutting_upload(os.path.join(folder, 'pairs.json'), 2, folder)
records = Records()
upload.thread_pool_upload(pieces, pool_size=3, is_db=True, is_record=True, redis_flag='done', redis_obj=records)
say('pieces', pieces=len(pieces), records=sorted(records.paths), lines=kept.take())


def downloads(**wish):
    try:
        return download.download(local_path=os.path.join(folder, 'down'), **wish)
    except DownloadFailed:
        return 'DownloadFailed'


say('nowhere', result=downloads(server_path='nowhere'), lines=kept.take())
say('asset', result=downloads(server_path='pairs', asset=True, max_speed=1000), lines=kept.take())
download.trans.user_id = str(int(download.trans.user_id) + 1)
say('foreign', result=downloads(server_path='pairs'), lines=kept.take())
