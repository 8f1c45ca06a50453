/** Shows rows with exactly the fields of their schema: what the farm knows beyond stays inside. */
import type { Page } from '@croft/contract';
import type * as z from 'zod';

export function shownAs<Shape extends z.ZodObject>(schema: Shape, row: z.infer<Shape>): z.infer<Shape> {
  const shown: Record<string, unknown> = {};
  for (const key of Object.keys(schema.shape)) shown[key] = (row as Record<string, unknown>)[key];
  return shown as z.infer<Shape>;
}

export function shownPage<Shape extends z.ZodObject>(schema: Shape, page: Page<z.infer<Shape>>) {
  const { total, page: number, size, items } = page;
  return { total, page: number, size, items: items.map((row) => shownAs(schema, row)) };
}
