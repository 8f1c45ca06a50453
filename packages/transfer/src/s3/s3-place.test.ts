import { expect, test } from 'vitest';
import { nameOfPlace, parseS3Place } from './s3-place.ts';

test('an address names bucket, folder and how the server is asked', () => {
  expect(parseS3Place('s3://frames')).toEqual({
    bucket: 'frames',
    prefix: '',
    endpoint: null,
    publicEndpoint: null,
    region: 'us-east-1',
    pathStyle: false,
    direct: true,
    readBack: false,
  });
  const place = parseS3Place(
    's3://farm-bytes/a/b?endpoint=http://10.0.0.5:9000/&public-endpoint=https://s3.example.com&region=eu-1&direct=off',
  );
  expect(place).toMatchObject({
    prefix: 'a/b/',
    endpoint: 'http://10.0.0.5:9000',
    publicEndpoint: 'https://s3.example.com',
    region: 'eu-1',
    pathStyle: true,
    direct: false,
  });
  expect(nameOfPlace(place)).toBe('s3://farm-bytes/a/b/ at http://10.0.0.5:9000');
});

test.each([
  'farm-bytes',
  's3://',
  's3://A_B',
  's3://key:secret@bucket',
  's3://bucket/a%2f..%2fb%00',
  's3://bucket?endpont=http://x',
  's3://bucket?endpoint=ftp://x',
  's3://bucket?direct=perhaps',
])('%s is refused, and a key in it is not repeated', (text) => {
  const refused = () => parseS3Place(text);
  expect(refused).toThrow(expect.objectContaining({ code: 'TRANSFER_STORE_ADDRESS' }));
  expect(refused).not.toThrow(/secret/);
});
