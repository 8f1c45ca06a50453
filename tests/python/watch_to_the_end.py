"""The real SDK watches tasks to their ends, one after the other.

    python watch_to_the_end.py DOMAIN ACCESS_ID ACCESS_KEY FOLDER TRANSMITTER NAME...

For each NAME it waits for FOLDER/NAME.id with the id of a task, watches that task into FOLDER/NAME, and prints a JSON line.
"""
import json
import logging
import os
import sys
import time

from rayvision_api.core import RayvisionAPI
from rayvision_sync.download import RayvisionDownload
from rayvision_sync.manage import RayvisionManageTask

domain, access_id, access_key, folder, transmitter, *names = sys.argv[1:]
logger = logging.getLogger('watch')
logger.addHandler(logging.NullHandler())
logger.propagate = False
api = RayvisionAPI(access_id=access_id, access_key=access_key, domain=domain, platform='2', protocol='http', logger=logger)
download = RayvisionDownload(api, logger=logger, transmitter_exe=transmitter)
manage = RayvisionManageTask(api.query)
for name in names:
    waited = os.path.join(folder, name + '.id')
    while not os.path.exists(waited):
        time.sleep(.05)
    with open(waited) as file:
        task_id = int(file.read())
    try:
        result = download.auto_download([task_id], local_path=os.path.join(folder, name), sleep_time=1)
    except Exception as error:
        result = type(error).__name__
    codes = [status['task_status_code'] for status in manage.get_task_status([task_id])]
    print(json.dumps({'step': name, 'result': result, 'codes': codes}), flush=True)
