import { fileURLToPath } from 'node:url';

/** Folder of the web page's static files, for the server. Plain modules: nothing is built. */
export const webRoot: string = fileURLToPath(new URL('../static', import.meta.url));
