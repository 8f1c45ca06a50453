/**
 * What a request takes, read from the schema that checks it, so that the reference of the API cannot say something else:
 * names, types, whether they are needed, other names. The parts that schemas are made of (`fields.ts`) carry in `takes`
 * what they take; the rest is told from the schema.
 */
import * as z from 'zod';

export interface RequestField {
  readonly name: string;
  /** Words for people: `integer`, `list of texts`, `2 or 5`. */
  readonly takes: string;
  readonly isRequired: boolean;
  /** Names under which it may come as well. */
  readonly aliases: readonly string[];
}

/** The fields of a request in their order; none where everything is ignored. */
export function requestFields(request: z.core.$ZodType): RequestField[] {
  return objectsIn(request).flatMap(({ shape }) =>
    Object.entries(shape).map(([name, schema]) => ({
      name,
      takes: inWords(schema),
      isRequired: !z.safeParse(schema, undefined).success,
      aliases: aliasesOf(schema),
    })),
  );
}

/** The objects behind what prepares the body for them and what checks it as a whole. */
function objectsIn(schema: z.core.$ZodType): z.ZodObject[] {
  if (schema instanceof z.ZodObject) return [schema];
  if (schema instanceof z.ZodIntersection)
    return [...objectsIn(schema.def.left), ...objectsIn(schema.def.right)];
  if (!(schema instanceof z.ZodPipe)) return [];
  const first = objectsIn(schema.in);
  return first.length > 0 ? first : objectsIn(schema.out);
}

/** What a value has to be, in words. */
export function inWords(schema: z.core.$ZodType): string {
  const { takes } = metaOf(schema);
  if (typeof takes === 'string') return takes;
  if (schema instanceof z.ZodPipe) return describePipe(schema);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return inWords(schema.unwrap());
  if (schema instanceof z.ZodNullable) return `${inWords(schema.unwrap())} or null`;
  if (schema instanceof z.ZodArray) return `list of ${inWords(schema.element)}`;
  if (schema instanceof z.ZodUnion) return oneOf(schema.options.map(inWords));
  if (schema instanceof z.ZodLiteral) return oneOf([...schema.values].map((value) => JSON.stringify(value)));
  if (schema instanceof z.ZodEnum) return oneOf(schema.options.map((value) => JSON.stringify(value)));
  if (schema instanceof z.ZodObject) return `object with ${Object.keys(schema.shape).join(', ')}`;
  if (schema instanceof z.ZodRecord) return 'object';
  if (schema instanceof z.ZodNumber) return `number${boundsOf(schema)}`;
  if (schema instanceof z.ZodString) return 'text';
  if (schema instanceof z.ZodBoolean) return 'true or false';
  return 'any value';
}

/** Text that is made into something is taken as what it came as; a later check narrows it. */
function describePipe(pipe: z.ZodPipe): string {
  if (pipe.in instanceof z.ZodTransform) return inWords(pipe.out);
  const first = inWords(pipe.in);
  const narrowed = narrowest(pipe.out);
  return narrowed === null ? first : narrowed(first);
}

/** How a check after the first reading narrows its words; null where it does not. */
function narrowest(schema: z.core.$ZodType): ((words: string) => string) | null {
  if (schema instanceof z.ZodPipe) return narrowest(schema.in) ?? narrowest(schema.out);
  if (schema instanceof z.ZodUnion || schema instanceof z.ZodLiteral || schema instanceof z.ZodEnum)
    return () => inWords(schema);
  if (schema instanceof z.ZodNumber && boundsOf(schema) !== '') return (words) => words + boundsOf(schema);
  return null;
}

function boundsOf({ minValue, maxValue }: z.ZodNumber): string {
  const isSet = (bound: number | null): bound is number =>
    bound !== null && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (isSet(minValue) && isSet(maxValue)) return `, ${minValue} to ${maxValue}`;
  if (isSet(minValue)) return `, ${minValue} or more`;
  return isSet(maxValue) ? `, ${maxValue} at most` : '';
}

function oneOf(words: readonly string[]): string {
  const distinct = [...new Set(words)];
  return distinct.length < 3
    ? distinct.join(' or ')
    : `${distinct.slice(0, -1).join(', ')} or ${distinct.at(-1)}`;
}

function aliasesOf(schema: z.core.$ZodType): string[] {
  const { aliases } = metaOf(schema);
  if (Array.isArray(aliases)) return aliases.map(String);
  if (schema instanceof z.ZodPipe) return [...aliasesOf(schema.in), ...aliasesOf(schema.out)];
  return schema instanceof z.ZodOptional ? aliasesOf(schema.unwrap()) : [];
}

function metaOf(schema: z.core.$ZodType): Record<string, unknown> {
  return z.globalRegistry.get(schema) ?? {};
}
