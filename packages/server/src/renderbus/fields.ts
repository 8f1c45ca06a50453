/**
 * Request fields as the API takes them: an int may be a numeric string (documents print both), a list may be a single
 * value, unknown keys are ignored. `takes` is what the reference of the API says that a field takes, `aliases` the other
 * names under which it may come.
 */
import * as z from 'zod';
import { isLocalReading, type LocalReading } from './local-times.ts';

const numeric = z
  .string()
  .regex(/^-?\d{1,15}$/)
  .transform(Number);

/** An integer or its decimal text. */
export const int = z.union([z.int(), numeric]).meta({ takes: 'integer' });

/** A number of seconds, which old clients may send as a float. */
export const seconds = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,12}(\.\d+)?$/)
      .transform(Number),
  ])
  .pipe(z.number().nonnegative().transform(Math.round))
  .meta({ takes: 'seconds' });

/** 0 and 1 flags, also as text or boolean. */
export const flag = z.union([int, z.boolean().transform(Number)]).meta({ takes: '0 or 1' });

/** A non-empty text; numbers are taken as their digits. */
export const text = z.union([z.string().min(1), z.number().transform(String)]).meta({ takes: 'text' });

/** At most this many ids in one request: 5,000 are far more than any page shows. */
const MOST_IDS = 5000;

/** One integer or a list of them; duplicates count once. An empty list is a missing parameter. */
export const ints = z
  .union([int.transform((one) => [one]), z.array(int)])
  .pipe(z.array(z.int()).max(MOST_IDS))
  .transform((list) => [...new Set(list)])
  .meta({ takes: 'list of integers' });

/** As `ints`, but at least one. */
export const someInts = ints
  .refine((list) => list.length > 0, { params: { missing: true } })
  .meta({ takes: 'list of integers, not empty' });

/** A list of texts or one text. */
export const texts = z
  .union([text.transform((one) => [one]), z.array(text)])
  .pipe(z.array(z.string()).max(MOST_IDS))
  .meta({ takes: 'list of texts' });

/** Absent, null and the empty text all mean "not given". */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (value === null || value === '' ? undefined : value), schema.optional());
}

/** `taskIds` (every SDK since 0.4.3) or `taskParam` (the oldest documents). */
export const taskIdsRequest = z.preprocess(
  (body) => {
    const fields = body as Record<string, unknown>;
    return fields.taskIds === undefined ? { ...fields, taskIds: fields.taskParam } : fields;
  },
  z.object({ taskIds: someInts.meta({ takes: 'list of integers, not empty', aliases: ['taskParam'] }) }),
);

/** Nothing asked, everything ignored. */
export const nothing = z.object({});

/** `yyyy-MM-dd HH:mm:ss` or a day alone; `context.localTimes` says which moment that is. */
export const localTime = z
  .string()
  .refine(isLocalReading)
  .transform((text) => text as LocalReading)
  .meta({ takes: '`yyyy-MM-dd HH:mm:ss` or `yyyy-MM-dd`' });
