/**
 * `/files/icons/<app>.svg`: a picture for every app that the API names. Drawn here — a tile in the app's own colour with
 * its first letters — since the vendors' signs are theirs. Any name gets one, so that no `iconPath` leads nowhere.
 */
import { stableHash } from '@croft/contract';
import type { FastifyInstance } from 'fastify';
import { serverErrors } from '../errors.ts';
import { pictureHeaders } from './pictures.ts';

const FOLDER = '/files/icons';
const LONGEST_NAME = 64;

/** Path of the icon of an app, by its name. */
export function iconPathOf(name: string): string {
  return `${FOLDER}/${slugOf(name)}.svg`;
}

export function registerIcons(app: FastifyInstance): void {
  app.get<{ Params: { file: string } }>(`${FOLDER}/:file`, async (request, reply) => {
    const slug = /^([a-z0-9][a-z0-9-]*)\.svg$/.exec(request.params.file)?.[1];
    if (slug === undefined || slug.length > LONGEST_NAME)
      throw serverErrors.NATIVE_NOT_FOUND('there is no such picture');
    return reply
      .headers(pictureHeaders)
      .header('cache-control', 'public, max-age=86400')
      .header('content-type', 'image/svg+xml; charset=utf-8')
      .send(drawn(slug));
  });
}

/** Lower-case letters, digits and dashes. */
function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return slug.slice(0, LONGEST_NAME) || 'app';
}

/** The slug has nothing that means something to XML. */
function drawn(slug: string): string {
  const words = slug.split('-');
  const letters = (words.length > 1 ? words.map(([first]) => first).join('') : slug).slice(0, 2);
  const shown = letters.charAt(0).toUpperCase() + letters.slice(1);
  const hue = stableHash(slug) % 360;
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 64 64" role="img">',
    `<title>${slug}</title>`,
    `<rect x="2" y="2" width="60" height="60" rx="14" fill="hsl(${hue} 45% 32%)"/>`,
    `<path d="M2 46 L62 30 V48 a14 14 0 0 1 -14 14 H16 a14 14 0 0 1 -14 -14 Z" fill="hsl(${hue} 45% 40%)"/>`,
    '<text x="32" y="41" font-family="sans-serif" font-size="27" font-weight="600" text-anchor="middle" fill="#fff">',
    `${shown}</text></svg>`,
  ].join('');
}
