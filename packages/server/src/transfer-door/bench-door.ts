/** A program for `bench/transfer.ts`: the real door over a real store in a process of its own. Prints its address. */
import { argv, stdout } from 'node:process';
import { MemoryFarm, openTestDoor } from './test-door.ts';

const home = argv[2];
if (home === undefined) throw new Error('name the folder of the store');
const door = await openTestDoor(home, new MemoryFarm());
stdout.write(`${door.url}\n`);
