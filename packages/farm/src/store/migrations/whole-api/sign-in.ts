/** Passwords, rights of keys, records of sign-ins and operations. */
import type { MigrationPart } from '../migration.ts';

export const signInPart: MigrationPart = () => [];
