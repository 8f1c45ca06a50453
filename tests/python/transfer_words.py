"""Uploads and downloads by the real transfer SDK with a program of the test's: unmodified packages.

    python transfer_words.py DOMAIN FOLDER EXE

The same calls in the same order as tests/transfer-words.test.ts makes of the classes in TypeScript.
"""
import inspect
import logging
import os
import sys

from rayvision_api.core import RayvisionAPI
from rayvision_sync.download import RayvisionDownload
from rayvision_sync.upload import RayvisionUpload

domain, folder, exe = sys.argv[1:4]
for name in ('rayvision_sync', 'rayvision_api', 'words'):
    logger = logging.getLogger(name)
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
is_new = 'transmitter_exe' in inspect.signature(RayvisionUpload.__init__).parameters
os_name = {'local_os': 'linux'} if 'local_os' in inspect.signature(RayvisionAPI.__init__).parameters else {}
api = RayvisionAPI(access_id='AKtest', access_key='secret-of-the-test', domain=domain, platform='2', protocol='http', logger=logger, **os_name)
mover = {'logger': logger, 'transmitter_exe': exe} if is_new else {}
upload, download = RayvisionUpload(api, **mover), RayvisionDownload(api, **mover)
upload.trans.transmitter_exe = download.trans.transmitter_exe = exe
line = {} if is_new else {'server_ip': '192.0.2.7', 'server_port': '8420'}


def path(name):
    return os.path.join(folder, name)


upload.upload('77', path('task.json'), path('none.json'), path('asset.json'), path('upload.json'), max_speed='2000', **line)
upload.upload_asset(path('upload.json'), is_db=False, transmit_type='upload_list', **line)
upload.upload_config('78', [path('task.json')], server_ip='10.1.2.3', server_port=99)
download.download([7], local_path=path('out'), **line)
download.download(server_path='1_shot/far', local_path=path('out'), download_filename_format='false', max_speed='800', **line)
download.download(server_path=['1_a', '1_b'], **line)
download.auto_download([7], sleep_time=0, local_path=path('out'), **line)
download.auto_download_after_task_completed([7], sleep_time=0, **line)
if is_new:
    download.download(server_path='/D/x', asset=True, local_path=path('out'), network_mode=2)
