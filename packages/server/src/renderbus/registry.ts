/** Finds the endpoints by listing their folder: adding an endpoint is adding a file. */
import { readdir } from 'node:fs/promises';
import type { Endpoint } from './endpoint.ts';

const FOLDER = new URL('./endpoints/', import.meta.url);

/** Path → endpoint, for all generations. Two endpoints on one path are a bug and throw. */
export async function loadEndpoints(): Promise<Map<string, Endpoint>> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const modules = await Promise.all(
    files.map(async (name) => (await import(new URL(name, FOLDER).href)) as { endpoint?: Endpoint }),
  );
  const byPath = new Map<string, Endpoint>();
  for (const [index, { endpoint }] of modules.entries()) {
    if (endpoint === undefined) throw new Error(`endpoints/${files[index]} exports no "endpoint"`);
    for (const path of endpoint.paths) {
      if (byPath.has(path)) throw new Error(`two endpoints answer ${path}`);
      byPath.set(path, endpoint);
    }
  }
  return byPath;
}
