"""What the transfer SDK's classes answer without a farm: unmodified packages, their network replaced by values.

    python transfer_facts.py CASES FOLDER

CASES is tests/fixtures/transfer-facts/cases.json; FOLDER is new and empty, and what stands for it in the answers is FOLDER.
Prints one JSON object.
"""
import inspect
import io
import json
import os
import sys
from types import SimpleNamespace

from rayvision_sync import utils
from rayvision_sync.manage import RayvisionManageTask
from rayvision_sync.transfer import RayvisionTransfer
from rayvision_sync.upload import RayvisionUpload

with io.open(sys.argv[1], encoding='utf-8') as file:
    cases = json.load(file)
folder = sys.argv[2]
is_new = 'transports_json' in inspect.signature(RayvisionTransfer.__init__).parameters
account = cases['account']


def told(call):
    """The answer, or the name of the exception with its first word."""
    try:
        return call()
    except Exception as error:
        return {'raises': type(error).__name__}


def written(name, text):
    path = os.path.join(folder, name)
    with io.open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


def api_of(**replies):
    transmit = SimpleNamespace(get_transfer_config=lambda: replies.get('config'))
    user = SimpleNamespace(query_user_profile=lambda: replies.get('profile'), get_transfer_bid=lambda: replies.get('bids'))
    return SimpleNamespace(transmit=transmit, user=user, user_info=account)


transports = written('transports.json', json.dumps(cases['transports']))


def transfer(api=None, **changes):
    if not is_new:
        return RayvisionTransfer(**account)
    return RayvisionTransfer(api or api_of(), automatic_line=False, transports_json=transports, **dict(account, **changes))


def command(one):
    trans = transfer()
    trans.transmitter_exe = cases['exe']
    trans.transport_info = {'aspera': cases['line']}
    return trans.create_cmd(one['params'], **one['options'])


def lookup(one):
    trans = transfer()
    trans.transports_json = transports
    return trans.parse_transports_json(transports, one[0], one[1])


def program(system):
    if is_new:
        path = SimpleNamespace(local_os=system)
        found = RayvisionTransfer.init_transmitter(path)
        return found[found.index('transmission'):]
    return RayvisionTransfer.init_transmitter('', system)


def place(one):
    for name in ('LOG', 'DB', 'ENVLOG', 'ENVDB', 'home'):
        if not os.path.exists(os.path.join(folder, name)):
            os.makedirs(os.path.join(folder, name))
    for name in ('RAYVISION_LOG', 'RAYVISION_DB'):
        os.environ.pop(name, None)
    os.environ['HOME'] = os.path.join(folder, 'home')
    for name, value in one['env'].items():
        os.environ[name] = value if value.startswith('/') else os.path.join(folder, value)
    config = cases['db_configs'].get(one['config'])
    text = config and config.replace('= LOG', '= ' + os.path.join(folder, 'LOG')).replace('= DB', '= ' + os.path.join(folder, 'DB'))
    path = written('db_config.ini', text) if text else os.path.join(folder, 'absent.ini')
    upload = RayvisionUpload.__new__(RayvisionUpload)
    upload.api = api_of()
    upload.trans = SimpleNamespace(platform=account['platform'])
    upload.transfer_log_path, upload.redis_config, upload.sqlite_config, upload.database_config = upload.load_db_config(path)
    base = upload._check_and_mk(upload.database_config.get('db_path'))
    upload.db_ini, upload._db = os.path.join(base, 'db_ini'), os.path.join(base, 'db')
    log = upload.check_transfer_log_path(upload.transfer_log_path)
    settings = [upload.redis_config, upload.sqlite_config, upload.database_config]

    def ini():
        path = upload.create_db_ini('/w/1586250829/upload.json')
        with io.open(path, encoding='utf-8') as file:
            return [path, file.read()]

    return {'log': log, 'settings': settings, 'ini': told(ini)}


def managing(items):
    return RayvisionManageTask(SimpleNamespace(task_info=lambda ids: {'items': items}))


def ended(status, *is_test_stop):
    item = dict(cases['tasks'][0], taskStatus=status)
    return told(lambda: managing([item]).is_task_end(111, *is_test_stop))


def cut(count, most):
    asset = [{'local': '/a/%d' % number, 'server': '/a/%d' % number} for number in range(count)]
    path = written('upload.json', json.dumps({'asset': asset}))
    pieces = utils.cutting_upload(path, most)
    found = []
    # In 2.x a single piece is a bare text, or nothing at all.
    for piece in pieces if isinstance(pieces, list) else [path]:
        with io.open(piece, encoding='utf-8') as file:
            found.append([os.path.basename(piece), [one['local'] for one in json.load(file)['asset']]])
    return found


manage = managing(cases['tasks'])
statuses = manage.get_task_status([111, 222])
facts = {
    'commands': [told(lambda: command(one)) for one in cases['commands'] + (cases['newest_commands'] if is_new else [])],
    'lookups': [told(lambda: lookup(one)) for one in cases['lookups']],
    'programs': [program(system) for system in cases['systems']],
    'places': [told(lambda: place(one)) for one in cases['places']],
    'tasks': statuses,
    'codes': manage.find_task_status_codes(statuses),
    'outputs': manage.output_file_names(statuses),
    'descriptions': [[utils.get_task_status_description(str(code), language) for language in ('0', '1')] for code in cases['states']],
    'ends': [ended(code, *([False] if is_new else [])) for code in cases['states'] + [70]],
    'shares': [told(lambda: list(utils.get_share_info(api_of(**one)))) for one in cases['shares']],
    'cuttings': [cut(*one) for one in cases['cuttings']],
}
if is_new:
    facts['test_ends'] = [ended(code, True) for code in cases['states']]
    trans = transfer(api_of(config=cases['transfer_config']))
    facts['providers'] = [told(lambda: trans.parse_service_transfe_line(one)) for one in cases['providers']]
    facts['no_lines'] = told(lambda: transfer(api_of(config={})).parse_service_transfe_line())
print(json.dumps(facts).replace(folder, 'FOLDER'))
