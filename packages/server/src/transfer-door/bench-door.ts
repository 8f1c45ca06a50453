/**
 * A program for `bench/transfer.ts`: the real door over a real store in a process of its own. Takes the store's folder and
 * its sync policy; prints its address.
 */
import { argv, stdout } from 'node:process';
import { MemoryFarm, openTestDoor } from './test-door.ts';

const [, , home, sync] = argv;
if (home === undefined || (sync !== 'always' && sync !== 'never'))
  throw new Error('name the folder of the store and its sync policy');
const door = await openTestDoor(home, new MemoryFarm(), { sync });
stdout.write(`${door.url}\n`);
