/** The words of the API's reference for what schemas take. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import { flag, int, ints, localTime, nothing, optional, taskIdsRequest, text, texts } from './fields.ts';
import { pageFields } from './paging.ts';
import { loadEndpoints } from './registry.ts';
import { requestFields } from './request-fields.ts';

const takes = (schema: z.ZodType) => requestFields(z.object({ field: schema }))[0];

it.each([
  [int, 'integer', true],
  [optional(int), 'integer', false],
  [optional(int.pipe(z.int().min(1).max(50))), 'integer, 1 to 50', false],
  [int.pipe(z.number().min(1)), 'integer, 1 or more', true],
  [int.pipe(z.union([z.literal(50), z.literal(60)])), '50 or 60', true],
  [int.pipe(z.union([z.literal(0), z.literal(1), z.literal(2)])), '0, 1 or 2', true],
  [z.nullable(int), 'integer or null', true],
  [text, 'text', true],
  [optional(text).transform((value) => value ?? ''), 'text', false],
  [z.enum(['a', 'b']), '"a" or "b"', true],
  [ints, 'list of integers', true],
  [optional(texts), 'list of texts', false],
  [flag, '0 or 1', true],
  [z.array(z.object({ id: int })), 'list of object with id', true],
  [z.string().transform(Number).pipe(z.int()), 'text', true],
  [optional(localTime), '`yyyy-MM-dd HH:mm:ss` or `yyyy-MM-dd`', false],
  [pageFields.pageNum, 'integer', false],
])('%# is told as "%s"', (schema, words, isRequired) => {
  expect(takes(schema)).toMatchObject({ takes: words, isRequired });
});

it('tells the other names of a field, and nothing of a request that is ignored', () => {
  expect(requestFields(taskIdsRequest)).toEqual([
    { name: 'taskIds', takes: 'list of integers, not empty', isRequired: true, aliases: ['taskParam'] },
  ]);
  const joined = requestFields(taskIdsRequest.and(z.object({ status: optional(ints) })));
  expect(joined.map(({ name }) => name)).toEqual(['taskIds', 'status']);
  expect(requestFields(nothing)).toEqual([]);
});

it('has words for every field of every endpoint', async () => {
  const unknown = [...new Set((await loadEndpoints()).values())].flatMap(({ name, request }) =>
    requestFields(request)
      .filter(({ takes }) => takes.includes('any value'))
      .map((field) => `${name}.${field.name}`),
  );
  expect(unknown).toEqual([]);
});
