/** Worker thread of `PlaceThread`: one order, one answer, in turn. */
import { parentPort } from 'node:worker_threads';
import { placeFiles, type ShortFile } from './place-files.ts';

parentPort?.on('message', (files: ShortFile[]) => parentPort?.postMessage(placeFiles(files)));
