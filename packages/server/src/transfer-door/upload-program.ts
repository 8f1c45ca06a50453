/** A program for the fault tests: uploads a file as an account of the test door, so that a sender can really be killed. */
import { argv } from 'node:process';
import { openTestClient } from './test-door.ts';

const [, , url, localPath] = argv;
if (url === undefined || localPath === undefined) throw new Error('name the door and the file');
// So that a test can tell how much is lost when it is killed.
const client = openTestClient(url, 'account-1', { requestsAtOnce: 4 });
await client.upload({ root: 'input', files: [{ localPath, treePath: '/long.abc' }] });
await client.close();
