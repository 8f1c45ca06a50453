"""What `requests` sends and gets, noted for a test to judge. The packages stay as they were installed.

Python loads this module by itself where its folder is on PYTHONPATH. Three environment variables change how it works:

    CROFT_SDK_QUICK   the pauses between the SDK's five attempts are cut to nothing
    CROFT_SDK_CLOCK   `time.time()` stands still at this second, and nonces are drawn from a seed
    CROFT_SDK_AT      HOST:PORT where requests really go; the URL, and so the Host header, stays the caller's
"""
import os
import random
import time

import requests

_exchanges = []


class Reply(dict):
    """An object of a reply; notes which of its keys were looked at and whether they were there."""

    def __init__(self, pairs=(), at='', looked=None):
        super().__init__(pairs)
        self._at = at
        self._looked = {} if looked is None else looked

    def _look(self, key):
        self._looked.setdefault(self._at + str(key), dict.__contains__(self, key))

    def __getitem__(self, key):
        self._look(key)
        return dict.__getitem__(self, key)

    def get(self, key, default=None):
        self._look(key)
        return dict.get(self, key, default)


def _watched(value, at, looked):
    if isinstance(value, dict):
        pairs = [(key, _watched(item, at + str(key) + '.', looked)) for key, item in value.items()]
        return Reply(pairs, at, looked)
    if isinstance(value, list):
        return [_watched(item, at[:-1] + '[].', looked) for item in value]
    return value


def taken():
    """The exchanges since the last call: request, reply and the keys that were looked at in the reply."""
    seen = _exchanges[:]
    del _exchanges[:]
    return seen


def _text(value):
    return value.decode('ascii') if isinstance(value, bytes) else value


_send = requests.adapters.HTTPAdapter.send
_json = requests.Response.json


def _noted_send(self, request, **kwargs):
    at = os.environ.get('CROFT_SDK_AT')
    if at:
        scheme, rest = request.url.split('://', 1)
        host, path = rest.split('/', 1)
        request.headers['Host'] = host
        request.url = '%s://%s/%s' % (scheme, at, path)
    response = _send(self, request, **kwargs)
    response.croft_exchange = {
        'url': request.url,
        'headers': {_text(name): _text(value) for name, value in request.headers.items()},
        'body': _text(request.body) or '',
        'status': response.status_code,
        'reply': None,
        'looked': {},
    }
    _exchanges.append(response.croft_exchange)
    return response


def _noted_json(self, **kwargs):
    reply = _json(self, **kwargs)
    exchange = getattr(self, 'croft_exchange', None)
    if exchange is None:
        return reply
    exchange['reply'] = reply
    return _watched(reply, '', exchange['looked'])


requests.adapters.HTTPAdapter.send = _noted_send
requests.Response.json = _noted_json

if os.environ.get('CROFT_SDK_QUICK'):
    _sleep = time.sleep
    time.sleep = lambda seconds: _sleep(min(seconds, 0.05))

if os.environ.get('CROFT_SDK_CLOCK'):
    _now = float(os.environ['CROFT_SDK_CLOCK'])
    time.time = lambda: _now
    random.seed(_now)
