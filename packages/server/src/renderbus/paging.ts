/** The API's Page object: `size` is the page size (not the rows returned), a page beyond the end is empty, never an error. */
import type { Page } from '@croft/contract';
import { int, optional } from './fields.ts';

const LARGEST_PAGE = 1000;

/** `pageNum` from 1 and `pageSize`, 100 where missing; nonsense becomes the nearest sense. */
export const pageFields = {
  pageNum: optional(int).transform((value) => Math.max(1, value ?? 1)),
  pageSize: optional(int).transform((value) =>
    Math.min(LARGEST_PAGE, value !== undefined && value > 0 ? value : 100),
  ),
};

/** Wraps rows as the API shows a page of them. */
export function apiPage<Row, Shown>(page: Page<Row>, show: (row: Row) => Shown) {
  return {
    pageCount: Math.ceil(page.total / page.size),
    pageNum: page.page,
    total: page.total,
    size: page.size,
    items: page.items.map(show),
  };
}
