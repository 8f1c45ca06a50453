import fc from 'fast-check';
import { expect, it } from 'vitest';
import { madeTasks, namedTasks, recordedParameters } from './recorded-parameters.ts';

it('keeps secrets out, wherever they stand', () => {
  const secrets = {
    password: 'hunter22',
    accessKey: 'k',
    access_key: 'k',
    deep: [{ newPassword: 'hunter22', token: 't' }],
  };
  const text = recordedParameters({ ...secrets, code: 'ONE-TIME', name: 'ada' });
  expect(JSON.parse(text)).toEqual({
    password: '***',
    accessKey: '***',
    access_key: '***',
    deep: [{ newPassword: '***', token: '***' }],
    code: '***',
    name: 'ada',
  });
});

it('is JSON of bounded length, whatever comes', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 12 }),
      fc.string({ minLength: 0, maxLength: 9000 }),
      (value, long) => {
        const text = recordedParameters({ value, long, list: Array(500).fill(long) });
        expect(text.length).toBeLessThanOrEqual(2000);
        JSON.parse(text);
      },
    ),
    { numRuns: 100 },
  );
  expect(recordedParameters(undefined)).toBe('{}');
});

it('finds the tasks that a call names, and those that it made', () => {
  expect(namedTasks({ taskIds: ['7', 8, 8] })).toEqual([7, 8]);
  expect(namedTasks({ taskId: 7, taskParam: [9] })).toEqual([7, 9]);
  expect(namedTasks({ ids: [4097], taskIds: { a: 1 } })).toEqual([]);
  expect(namedTasks([1])).toEqual([]);
  expect(madeTasks({ taskIdList: [500] })).toEqual([500]);
  expect(madeTasks(null)).toBeUndefined();
});
