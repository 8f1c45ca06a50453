/**
 * Sends folders to a farm ahead of any task: an upload.json of all their files, cut into pieces that go at once. Assets need
 * no task, and what is there already does not travel again.
 *
 *   node examples/sdk/upload-in-pieces.ts DOMAIN ACCESS_ID ACCESS_KEY FOLDER...
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { appendToUpload, cuttingUpload, jsonSave, RayvisionAPI, RayvisionUpload } from '@croft/sdk';

/** Files of one piece. */
const FILES_A_PIECE = 800;

/** Gives how many files were found; throws the first failure, after all pieces were tried. */
export async function uploadInPieces(api: RayvisionAPI, folders: readonly string[]): Promise<number> {
  const desk = await mkdtemp(path.join(tmpdir(), 'upload-in-pieces-'));
  try {
    const uploadJson = path.join(desk, 'upload.json');
    await jsonSave(uploadJson, { asset: [] });
    const files = await appendToUpload(folders, uploadJson);
    const pool = await cuttingUpload(uploadJson, FILES_A_PIECE);
    // The pieces are gone afterwards, so a database of unchanged files would never be found again.
    const results = await new RayvisionUpload(api).threadPoolUpload(pool, { poolSize: 4, isDb: false });
    for (const { error } of results) if (error) throw error;
    return files;
  } finally {
    await rm(desk, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const [domain, accessId, accessKey, ...folders] = process.argv.slice(2);
  if (!domain || !accessId || !accessKey || folders.length === 0) {
    process.stdout.write('Give: DOMAIN ACCESS_ID ACCESS_KEY FOLDER...\n');
    process.exitCode = 2;
  } else {
    const api = new RayvisionAPI({ domain, accessId, accessKey, protocol: 'http', logLevel: 'WARNING' });
    process.stdout.write(`${await uploadInPieces(api, folders)} files are on the farm\n`);
  }
}
