/**
 * Set up for every test file by vitest.config.ts: tells `cleanup.ts` when a test and a file end. Only here can hooks be
 * registered for all files: modules that tests import are loaded once for many files, and their hooks with them.
 */
import { afterAll, afterEach, beforeEach } from 'vitest';
import { moments } from './cleanup.ts';

beforeEach(moments.testBegins);
afterEach(moments.testEnds);
afterAll(moments.fileEnds);
