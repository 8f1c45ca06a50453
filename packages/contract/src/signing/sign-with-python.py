"""Signs random requests the way a Python client does: json.dumps for the body, str() for the string to sign.

Written from the description in renderbus-text.ts, not from its code, so that the two check each other. Prints one JSON
object a line: domain, path, headers, body (the text sent), text (the string to sign), signature.
Usage: sign-with-python.py COUNT SEED
"""
import base64
import hashlib
import hmac
import json
import random
import sys

count, seed = int(sys.argv[1]), int(sys.argv[2])
pick = random.Random(seed)
LETTERS = ['a', 'Z', '_', '0', '9', ' ', '&', '=', '.', '%', '"', "'", '\\', '\n', '\t', '\x7f', 'é', '中', '\uffee', '\ue000', '😀', '𠀀', '\u2028', '\u00a0']
FLOATS = [0.0, -0.0, 1.0, 0.1 + 0.2, 1e22, 1e-07, 123456789.12345679, 1e16, 1e-5, 5e-324, float('nan'), float('inf'), float('-inf')]


def text():
    return ''.join(pick.choice(LETTERS) for _ in range(pick.randrange(6)))


def scalar():
    kind = pick.randrange(6)
    if kind == 0:
        return pick.choice([True, False, None])
    if kind == 1:
        return pick.choice(FLOATS)
    if kind == 2:
        return pick.uniform(-1, 1) * 10 ** pick.randrange(-30, 30)
    if kind == 3:
        return pick.randrange(-10 ** pick.randrange(1, 40), 10 ** pick.randrange(1, 40))
    return text()


def value(depth):
    kind = pick.randrange(5) if depth < 5 else 0
    if kind == 1:
        return [value(depth + 1) for _ in range(pick.choice([0, 1, 2, 3, 12]))]
    if kind == 2:
        return mapping(depth + 1)
    return scalar()


def mapping(depth):
    names = ['a', 'b', 'ab', 'a0', '', 'platform', 'channel', '__proto__', 'constructor', 'Zeta', 'ids']
    return {pick.choice(names + [text()]): value(depth) for _ in range(pick.randrange(5))}


def leaves(prefix, node, found):
    if isinstance(node, dict):
        for name, member in node.items():
            leaves(prefix + '.' + name if prefix else name, member, found)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            leaves(prefix + str(index), item, found)
    else:
        found[prefix] = str(node)
    return found


for number in range(count):
    headers = {
        'accessId': 'id%d' % number,
        'channel': '4',
        'platform': str(pick.choice([2, 21, 62])),
        'UTCTimestamp': str(1700000000 + number),
        'nonce': str(pick.randrange(100000, 999999)),
        'version': pick.choice(['1.0.0', '2.0.0']),
    }
    body = mapping(0)
    if number % 20 == 0:
        body = {'count': 1, 'labels': tuple(pick.choice([text(), number]) for _ in range(pick.randrange(4)))}
    merged = dict(headers)
    merged.update(body)
    found = leaves('', merged, {})
    domain, path, secret = 'farm%d.example:8080' % number, '/api/render/test/%d' % number, 'key%d' % number
    joined = '&'.join('%s=%s' % (key, found[key]) for key in sorted(found))
    signed = '[POST]%s:%s&%s' % (domain, path, joined)
    signature = base64.b64encode(hmac.new(secret.encode(), signed.encode('utf-8'), hashlib.sha256).digest()).decode()
    print(json.dumps({'domain': domain, 'path': path, 'headers': headers, 'secret': secret, 'body': json.dumps(body), 'text': signed, 'signature': signature, 'tuple': 'labels' in body}))
