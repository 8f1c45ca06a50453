"""A sub-account of the real transfer SDK, before and after it shares its main account's assets: unmodified packages.

    python transfer_sharing.py DOMAIN ACCESS_ID ACCESS_KEY FOLDER TRANSMITTER

FOLDER holds own.json and shared.json, each with one file; the second is sent when FOLDER/shared is there. Prints one JSON
line per step.
"""
import inspect
import json
import logging
import os
import sys
import time

from rayvision_api.core import RayvisionAPI
from rayvision_sync.download import RayvisionDownload
from rayvision_sync.upload import RayvisionUpload
from rayvision_sync.utils import get_share_info

domain, access_id, access_key, folder, transmitter = sys.argv[1:6]


def say(step, **facts):
    print(json.dumps({'step': step, **facts}), flush=True)


for name in ('rayvision_sync', 'demo'):
    logger = logging.getLogger(name)
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
is_new = 'transmitter_exe' in inspect.signature(RayvisionUpload.__init__).parameters
os_name = {'local_os': 'linux'} if 'local_os' in inspect.signature(RayvisionAPI.__init__).parameters else {}
api = RayvisionAPI(access_id=access_id, access_key=access_key, domain=domain, platform='2', protocol='http', logger=logger, **os_name)
host, port = domain.split(':')
mover = {'logger': logger, 'transmitter_exe': transmitter} if is_new else {}
line = {} if is_new else {'server_ip': host, 'server_port': port}
upload = RayvisionUpload(api, **mover)
upload.trans.transmitter_exe = transmitter

result = upload.upload_asset(os.path.join(folder, 'own.json'), **line)
say('own', result=result, to=[str(one) for one in get_share_info(api)])
while not os.path.exists(os.path.join(folder, 'shared')):
    time.sleep(.05)
result = upload.upload_asset(os.path.join(folder, 'shared.json'), **line)
say('shared', result=result, to=[str(one) for one in get_share_info(api)])
if is_new:
    download = RayvisionDownload(api, **mover)
    result = download.download(server_path='pairs/shared.txt', asset=True, local_path=os.path.join(folder, 'back'), download_filename_format='false')
    say('back', result=result)
