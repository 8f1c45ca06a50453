"""Calls every method of the installed rayvision_api, whatever its generation, against a running farm.

    CROFT_TRANSMITTER=/…/rayvision_transmitter CROFT_SDK_AT_PLAIN=HOST:PORT
    python every_method.py PROTOCOL DOMAIN ACCESS_ID ACCESS_KEY TASK_FILES_FOLDER [calls]

The folder holds the four files of `croft analyse`; the scene's assets are on the farm already. With `calls` nothing is
rendered: no task's end is waited for, and no transfer program runs. Runs with tests/python/recorder on PYTHONPATH, which notes every exchange.
Prints one JSON line per call, and at the end the public methods that nothing called: they are found by looking into the
package, and what ran is seen by Python's own profiling hook, so no list is kept by hand.
"""
import inspect
import json
import logging
import os
import sys
import time

import sitecustomize as recorder

import rayvision_api
import rayvision_api.core
from rayvision_api import exception
from rayvision_api.connect import Connect
from rayvision_api.core import RayvisionAPI
from rayvision_api.task.check import RayvisionCheck

protocol, domain, access_id, access_key, folder = sys.argv[1:6]
does_render = sys.argv[6:7] != ['calls']
logging.disable(logging.CRITICAL)
ran = set()


def note_call(frame, event, _):
    if event == 'call' and 'rayvision_api' in frame.f_code.co_filename:
        ran.add(frame.f_code)


def say(**facts):
    print(json.dumps(facts), flush=True)


def call(name, run, client_error=None, api_error=None, judged=None):
    """
    Runs one method and tells what came of it. `client_error` is what the package raises before it sends anything, `api_error`
    the code that the farm ought to answer, `judged` what the package raises because of good answers.
    """
    told = {'step': 'call', 'name': name, 'error': None, 'expected': None, 'answer': None}
    answer = None
    try:
        answer = run()
        told['answer'] = describe(answer)
    except Exception as thrown:  # every failure is told; the test judges
        told['error'] = '%s: %s' % (type(thrown).__name__, str(thrown)[:300])
        if client_error is not None and isinstance(thrown, client_error):
            told['expected'] = 'client'
        if judged is not None and isinstance(thrown, judged):
            told['expected'] = 'judged'
        if api_error is not None and getattr(thrown, 'error_code', None) == api_error:
            told['expected'] = 'api'
    told['exchanges'] = recorder.taken()
    say(**told)
    return answer


def describe(answer):
    """Enough of an answer to judge its shape, short enough for a line."""
    if isinstance(answer, dict):
        return {'keys': sorted(str(key) for key in answer)}
    if isinstance(answer, list):
        return {'length': len(answer), 'first': describe(answer[0]) if answer else None}
    return answer if isinstance(answer, (str, int, float, bool, type(None))) else type(answer).__name__


class Analysed(object):
    """What RayvisionCheck reads of an analyser object."""

    def __init__(self, folder):
        for name in ('task', 'tips', 'asset', 'upload'):
            path = os.path.join(folder, name + '.json')
            with open(path, encoding='utf-8') as file:
                setattr(self, name + '_info', json.load(file))
            setattr(self, name + '_json', path)


sys.setprofile(note_call)
login = {'access_id': access_id, 'access_key': access_key, 'domain': domain, 'platform': '2', 'protocol': protocol}
if 'local_os' in inspect.signature(RayvisionAPI.__init__).parameters:
    login['local_os'] = 'linux'
api = call('RayvisionAPI', lambda: RayvisionAPI(**login))
is_newest = hasattr(api.user, 'get_hardware_config')
has_transmit = hasattr(api, 'transmit')
is_oldest = not has_transmit
BLENDER = 'blender'

# --- account
call('user_info', lambda: api.user_info)
call('user.query_user_profile', lambda: api.user.query_user_profile())
call('user.query_user_setting', lambda: api.user.query_user_setting())
call('user.update_user_settings', lambda: api.user.update_user_settings(43200))
call('user.get_transfer_bid', lambda: api.user.get_transfer_bid())
call('get_user_id', lambda: api.get_user_id())
if not is_oldest:
    call('connect', lambda: api.connect)
    call('connect.headers', lambda: api.connect.headers)
    call('user.info', lambda: api.user.info)
    call('user.user_id', lambda: api.user.user_id)
else:
    call('connect.headers', lambda: api.user._connect.headers)

# --- catalogue
call('query.platforms', lambda: api.query.platforms())
call('query.supported_software', lambda: api.query.supported_software())
call('query.supported_plugin', lambda: api.query.supported_plugin(BLENDER))
call('query.error_detail', lambda: api.query.error_detail('15000', language=0 if is_newest else '0'))
call('query.error_detail (unknown)', lambda: api.query.error_detail('999999', language=1 if is_newest else '1'))
call('query.get_transfer_server_msg', lambda: api.query.get_transfer_server_msg())
call('query.get_raysync_user_key', lambda: api.query.get_raysync_user_key())
if is_newest:
    call('query.error_detail (codes)', lambda: api.query.error_detail(codes=['15000', '10012'], language=1))
    call('query.supported_plugin (os)', lambda: api.query.supported_plugin(BLENDER, os_name='windows'))
    call('user.get_hardware_config', lambda: api.user.get_hardware_config())
    call('query.get_pack_node_info', lambda: api.query.get_pack_node_info())

# --- projects
call('tag.add_label', lambda: api.tag.add_label('every method', 0))
call('tag.get_label_list', lambda: api.tag.get_label_list())
call('tag.get_project_list', lambda: api.tag.get_project_list())
if is_newest:
    for flag in (0, 1, 2):
        call('tag.get_list (flag %d)' % flag, lambda: api.tag.get_list(flag))
call('check_and_add_project_name', lambda: api.check_and_add_project_name('every method, new'))
call('check_and_add_project_name (again)', lambda: api.check_and_add_project_name('every method, new'))
call('tag.delete_label', lambda: api.tag.delete_label('every method'))

# --- render environments
with open(os.path.join(folder, 'task.json'), encoding='utf-8') as file:
    software = json.load(file)['software_config']
environment = {
    'cgId': 2007,
    'cgName': software['cg_name'],
    'cgVersion': software['cg_version'],
    'renderLayerType': 0,
    'editName': 'every method',
    'renderSystem': 0,
    'pluginIds': [],
}
call('env.add_render_env', lambda: api.env.add_render_env(environment))
call('env.update_render_env', lambda: api.env.update_render_env(dict(environment, renderLayerType=1)))
call('env.set_default_render_env', lambda: api.env.set_default_render_env('every method'))
if is_newest:
    # Its validator refuses the text that its own table holds.
    call('env.get_render_env', lambda: api.env.get_render_env(BLENDER), client_error=ValueError)
    call('env.get_render_env (names)', lambda: api.env.get_render_env(cg_names=[BLENDER, 'maya'], os_name=0))
    call('env.get_render_env (all)', lambda: api.env.get_render_env(os_name=0))
else:
    call('env.get_render_env', lambda: api.env.get_render_env(BLENDER))
call('env.delete_render_env', lambda: api.env.delete_render_env('every method'))

# --- tasks: made, described, submitted
more = {'artist': 'Ada'} if is_newest else {}
created = call('task.create_task', lambda: api.task.create_task(2, labels=['first'], task_user_level=60, **more))
spare = created['taskIdList'] if created else [0, 0]
call('task.create_task (out user)', lambda: api.task.create_task(out_user_id=123456))
analysed = Analysed(folder)
# Stops after its first frame and waits to be told to go on.
analysed.task_info['task_info'].update({'pre_frames': '100', 'stop_after_test': '1', 'task_id': '', 'project_id': ''})
with open(analysed.task_json, 'w', encoding='utf-8') as file:
    json.dump(analysed.task_info, file)
custom = []
if is_newest:
    hardware = next(item for item in api.user.get_hardware_config() if item['status'])
    custom = [{key: hardware[key] for key in ('model', 'ram', 'gpuNum')}]
    recorder.taken()
check = RayvisionCheck(api, analysed, workspace=folder)
files = (analysed.task_json, analysed.upload_json, analysed.asset_json)
task_id = int(call('check.execute', lambda: check.execute(*custom, *files)) or 0)
call('check.check_path', lambda: check.check_path(folder))
call('check.write', lambda: check.write())
call('check.check_error_warn_info', lambda: check.check_error_warn_info())
call('check.is_scene_have_error', lambda: check.is_scene_have_error())


# --- what the real check says of answers
check.tips_info = {'15000': ['stuck']}
call('check.check_error_warn_info (error)', lambda: len(check.check_error_warn_info()))
call('check.is_scene_have_error (error)', lambda: check.is_scene_have_error(), judged=exception.RayvisionError)
if is_newest:
    def checked(hardware, **changed):
        info = json.loads(json.dumps(analysed.task_info))
        info['software_config'].update(changed)
        copy = os.path.join(folder, 'copy')
        os.makedirs(copy, exist_ok=True)
        path = os.path.join(copy, 'task.json')
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(info, file)
        RayvisionCheck(api, workspace=copy).execute(hardware, path)
        with open(path, encoding='utf-8') as file:
            return json.load(file)['task_info']['hardwareConfigIds']
    call('check.execute (models)', lambda: checked(dict(custom[0], model=[custom[0]['model'], 'none'])))
    call('check.execute (any model)', lambda: checked(dict(custom[0], model='Default')))
    call('check.execute (no such RAM)', lambda: checked(dict(custom[0], ram='1GB')), judged=exception.HardwareConfigIdError)
    call('check.execute (version)', lambda: checked(custom[0], cg_version='1.0'), judged=exception.RayvisionError)


def send_files(task_id):
    for name in ('task', 'tips', 'asset', 'upload'):
        with open(os.path.join(folder, name + '.json'), encoding='utf-8') as file:
            text = file.read()
        named = {'content': text, 'file_name': name + '.json'}
        call('transmit.upload_json_content', lambda: api.transmit.upload_json_content(task_id, **named))


def transfer_files(task_id):
    """The oldest generation has no call for its files: its transfer package sends them with croft's transmitter."""
    if not does_render:
        for path in files + (analysed.tips_json,):
            with open(path, encoding='utf-8') as file:
                sent = {'taskId': task_id, 'fileName': os.path.basename(path), 'content': file.read()}
            call('(taskJsonFile)', lambda: api.task._connect.post('/api/render/task/taskJsonFile', sent))
        return
    from rayvision_sync.upload import RayvisionUpload
    upload = RayvisionUpload(api)
    host, port = os.environ['CROFT_SDK_AT_PLAIN'].split(':')
    upload.trans.transmitter_exe = os.environ['CROFT_TRANSMITTER']
    upload.trans.transport_info = dict(upload.trans.transport_info, server_ip=host, server_port=port)
    call('(upload_config)', lambda: upload.upload_config(str(task_id), list(files)))


if has_transmit:
    send_files(task_id)
    call('transmit.get_transfer_config', lambda: api.transmit.get_transfer_config())
    call('submit', lambda: api.submit(task_id))
    call('submit (again)', lambda: api.submit(task_id))
else:
    transfer_files(task_id)
    call('submit', lambda: api.submit(task_id))
call('submit (text)', lambda: api.submit('19097'), client_error=exception.RayvisonTaskIdError)


def status():
    return api.query.task_info([task_id])['items'][0]['taskStatus']


def until(wanted):
    """Waits until the task has one of the states; gives the state it is in."""
    if not does_render:
        return None
    end = time.time() + 30
    while status() not in wanted and time.time() < end:
        time.sleep(0.2)
    return status()


ENDED = (10, 20, 23, 25, 30, 35, 45)
call('query.task_info', lambda: api.query.task_info([task_id]))
call('(first frame)', lambda: until((40,) + ENDED))
# Answers a word, "success"; nothing goes on where it failed.
if call('task.full_speed', lambda: api.task.full_speed([task_id])):
    call('(all frames)', lambda: until(ENDED))

# --- tasks and frames, asked
call('query.get_task_list', lambda: api.query.get_task_list())
some = {'page_size': 5, 'status_list': [0, 5, 25, 40], 'search_keyword': 'shot'}
times = {'start_time': '2020-01-01 00:00:00', 'end_time': '2099-01-01 00:00:00'}
call('query.get_task_list (filters)', lambda: api.query.get_task_list(1, **some, **times))
frames = call('query.task_frames', lambda: api.query.task_frames(task_id, 1, 100))
call('query.task_frames (search)', lambda: api.query.task_frames(task_id, 1, 10, search_keyword='1'))
frame_id = frames['items'][0]['id'] if frames and frames['items'] else 0
call('query.all_frame_status', lambda: api.query.all_frame_status())
call('query.get_frame_thumbnall', lambda: api.query.get_frame_thumbnall(frame_id))
call('query.get_task_processing_img', lambda: api.query.get_task_processing_img(task_id))
call('query.get_task_processing_img (type)', lambda: api.query.get_task_processing_img(task_id, frame_type=5))
if is_newest:
    call('query.get_task_list (deleted)', lambda: api.query.get_task_list(recycle_flag=1))
    call('query.get_all_frames', lambda: api.query.get_all_frames(task_id))
    call('query.get_small_task_id', lambda: api.query.get_small_task_id(task_id))
    call('query.get_render_log', lambda: api.query.get_render_log(frame_id=frame_id, pageNum=0))
    call('user.get_hardware_config (task)', lambda: api.user.get_hardware_config(task_ids=[str(task_id)]))
    call('transmit.get_output_files', lambda: api.transmit.get_output_files())
    call('transmit.get_output_files (task)', lambda: api.transmit.get_output_files(task_id=task_id))

# --- tasks and frames, steered
level = api.task.update_task_level if is_oldest else api.task.update_priority
call('task.update_priority', lambda: level(task_id, 60))
call('task.set_task_overtime_top', lambda: api.task.set_task_overtime_top([task_id], 7200))
if is_oldest:
    call('task.set_task_overtime_top (float)', lambda: api.task.set_task_overtime_top([task_id], 7200.5))
label = lambda: list(json.loads(api.query.task_info([task_id])['items'][0]['labels']))
if not is_oldest:
    call('tag.add_task_tag', lambda: api.tag.add_task_tag('tagged', [task_id]))
    ids = [int(one) for one in label()]
    recorder.taken()
    if is_newest:
        call('tag.delete_task_tag', lambda: api.tag.delete_task_tag([task_id], ['tagged']))
        call('tag.add_task_tag (again)', lambda: api.tag.add_task_tag('tagged', [task_id]))
        ids = [int(one) for one in label()]
        recorder.taken()
        call('tag.delete_task_tag (ids)', lambda: api.tag.delete_task_tag([task_id], [], tag_ids=ids))
    else:
        call('tag.delete_task_tag', lambda: api.tag.delete_task_tag(ids))
    left = label()
    recorder.taken()
    say(step='labels', ids=ids, left=left)
if is_newest:
    call('task.update_task_limit', lambda: api.task.update_task_limit(task_id, 3))
    edit = {'model': hardware['model'], 'gpuNum': hardware['gpuNum'] or '', 'ram': hardware['ram']}
    ids = [str(hardware['id'])]
    call('task.edit_task_hardware_config', lambda: api.task.edit_task_hardware_config([task_id], ids, **edit))
    call('query.restart_failed_frames', lambda: api.query.restart_failed_frames([task_id]))
    call('query.restart_failed_frames (status)', lambda: api.query.restart_failed_frames([task_id], status=[5]))
    call('query.restart_frame (some)', lambda: api.query.restart_frame(task_id, 0, ids_list=[frame_id]))
    call('query.stop_frame (some)', lambda: api.query.stop_frame(task_id, 0, ids_list=[frame_id]))
    call('query.restart_frame', lambda: api.query.restart_frame(task_id))
    call('query.stop_frame', lambda: api.query.stop_frame(task_id))
    call('query.get_custome_frames', lambda: api.query.get_custome_frames(task_id, ['1']))
    call('query.frame_number_to_stop', lambda: api.query.frame_number_to_stop(task_id, ['1']))
elif is_oldest:
    call('query.restart_failed_frames', lambda: api.query.restart_failed_frames([task_id]))
    call('query.restart_frame (some)', lambda: api.query.restart_frame(task_id, 0, ids_list=[frame_id]))
    call('query.restart_frame', lambda: api.query.restart_frame(task_id, 1))
else:
    # The package lacks the two files that its own validator wants.
    call('query.restart_failed_frames', lambda: api.query.restart_failed_frames([task_id]), client_error=Exception)
    call('query.restart_frame', lambda: api.query.restart_frame(task_id, 1), client_error=Exception)
    call('query.opera_user_label (add)', lambda: api.query.opera_user_label(task_id, 0, 'mine', type=1))
    call('query.opera_user_label', lambda: api.query.opera_user_label(task_id, 0))
    call('query.opera_user_label (delete)', lambda: api.query.opera_user_label(task_id, 0, 'mine', type=2))
call('task.stop_task', lambda: api.task.stop_task([task_id]))
call('task.start_task', lambda: api.task.start_task([task_id]))
call('task.abort_task', lambda: api.task.abort_task([task_id]))
call('(ended)', lambda: until(ENDED))
call('task.delete_task', lambda: api.task.delete_task(spare))
call('task.stop_task (unknown)', lambda: api.task.stop_task([999999999]), api_error=404)

# --- the other ways to submit
if has_transmit:
    call('task.task_id', lambda: api.task.task_id)
    with open(analysed.task_json, encoding='utf-8') as file:
        info = json.load(file)
    info['task_info'].update({'task_id': '', 'user_id': '', 'project_id': ''})
    broken = {'client_error': TypeError} if is_newest else {}
    call('submit_by_data', lambda: api.submit_by_data(info, file_name='task.json'), **broken)
    second = call('task.create_task (one more)', lambda: api.task.create_task())['taskIdList'][0]
    send_files(second)
    models = {} if is_newest else {'asset_lsolation_model': 'TASK_ID_MODEL'}
    call('task.submit_task', lambda: api.task.submit_task(second, only_id=True, **models))
    call('task.delete_task (submitted)', lambda: api.task.delete_task([second]))
else:
    call('get_task_id', lambda: api.get_task_id())
    second = call('task.create_task (one more)', lambda: api.task.create_task())['taskIdList'][0]
    transfer_files(second)
    models = {'asset_lsolation_model': 'out_user_model', 'out_user_id': '11223344556677'}
    call('task.submit_task', lambda: api.task.submit_task(second, **models))
    call('task.delete_task (submitted)', lambda: api.task.delete_task([second]))
    if protocol == 'https':
        # Speaks nothing but https, whatever the caller says.
        from rayvision_api.task.handle import RayvisionTask
        where = [domain, '2', access_id, access_key, 'linux', software['cg_version'], 'Blender', folder, '/shot.blend']
        task = call('RayvisionTask', lambda: RayvisionTask(*where, project_name='of the handle'))
        call('RayvisionTask.preparatory_analyse', lambda: task.preparatory_analyse('/shot.blend', '/project'))

if is_newest:
    call('user.task_record', lambda: api.user.task_record())
    day = time.strftime('%Y-%m-%d', time.localtime(time.time()))
    dates = {'startDate': day + ' 00:00:00', 'endDate': day + ' 23:59:59'}
    call('user.task_record (dates)', lambda: api.user.task_record(1, 5, **dates))
    call('user.login_record', lambda: api.user.login_record())
    call('user.login_record (dates)', lambda: api.user.login_record(1, 5, **dates))
sys.setprofile(None)


def public_methods():
    """Every public method and property of the classes that speak with the farm."""
    classes = [RayvisionAPI, RayvisionCheck, Connect]
    classes += [value for _, value in inspect.getmembers(rayvision_api.operators, inspect.isclass)]
    if is_oldest and protocol == 'https':
        from rayvision_api.task.handle import RayvisionTask
        classes.append(RayvisionTask)
    for owner in classes:
        for name, value in vars(owner).items():
            if name.startswith('_'):
                continue
            function = value.fget if isinstance(value, property) else getattr(value, '__func__', value)
            if inspect.isfunction(function):
                yield '%s.%s' % (owner.__name__, name), inspect.unwrap(function).__code__


methods = dict(public_methods())
say(step='methods', number=len(methods), not_called=sorted(name for name, code in methods.items() if code not in ran))
