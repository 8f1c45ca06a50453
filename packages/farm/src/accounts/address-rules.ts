/**
 * Which addresses an account may be used from: an allow list of addresses and CIDR blocks. No list allows all. A
 * sub-account without a list has that of its main account. The list holds for signing in, for sessions and for access
 * keys; the code of a refusal is 812.
 */
import { BlockList, isIP } from 'node:net';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';

const MOST_ADDRESSES = 100;

/** `10.0.0.0/8`, `192.168.1.7`, `2001:db8::/32`; throws FARM_INVALID. */
function readBlock(text: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } {
  const [address = '', prefixText, ...more] = text.trim().split('/');
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefix = prefixText === undefined ? bits : /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : -1;
  if (version === 0 || more.length > 0 || prefix < 0 || prefix > bits) {
    throw farmErrors.FARM_INVALID(`${JSON.stringify(text.slice(0, 60))} is no address and no CIDR block`);
  }
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** Checks a list and spells it as it is kept: trimmed, each once. */
export function readAddressRule(allow: readonly string[]): string[] {
  if (allow.length > MOST_ADDRESSES)
    throw farmErrors.FARM_INVALID(`a list has ${MOST_ADDRESSES} addresses at most`);
  for (const text of allow) readBlock(text);
  return [...new Set(allow.map((text) => text.trim()))];
}

/** Whether `address` is let in; an empty list lets everybody in. IPv4 within IPv6 (`::ffff:10.0.0.1`) is IPv4. */
export function isAddressAllowed(allow: readonly string[], address: string): boolean {
  if (allow.length === 0) return true;
  const version = isIP(address);
  if (version === 0) return false;
  const list = new BlockList();
  for (const text of allow) {
    const block = readBlock(text);
    list.addSubnet(block.address, block.prefix, block.family);
  }
  return list.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

/** The list that holds for an account; empty: all addresses. */
export async function addressRule(db: Db, accountId: number): Promise<string[]> {
  const account = await db
    .selectFrom('accounts')
    .select('main_account_id')
    .where('id', '=', accountId)
    .executeTakeFirst();
  const rows = await db
    .selectFrom('address_rules')
    .select(['account_id', 'allow'])
    .where('account_id', 'in', [accountId, account?.main_account_id ?? 0])
    .execute();
  const row = rows.find((one) => one.account_id === accountId) ?? rows[0];
  return row === undefined ? [] : (JSON.parse(row.allow) as string[]);
}

/** Throws FARM_ADDRESS_REFUSED (812). */
export async function checkAddress(db: Db, accountId: number, address: string): Promise<void> {
  if (!isAddressAllowed(await addressRule(db, accountId), address)) throw addressRefused(address);
}

export function addressRefused(address: string): Error {
  return farmErrors.FARM_ADDRESS_REFUSED(
    `this account may not be used from ${address.slice(0, 60) || 'here'}`,
  );
}

/** Replaces the list of an account; an empty one takes the rule away. */
export async function setAddressRule(
  tx: FarmTx,
  accountId: number,
  allow: readonly string[],
): Promise<string[]> {
  const list = readAddressRule(allow);
  await tx.db.deleteFrom('address_rules').where('account_id', '=', accountId).execute();
  if (list.length > 0) {
    await tx.db
      .insertInto('address_rules')
      .values({ account_id: accountId, allow: JSON.stringify(list), set_at: tx.now })
      .execute();
  }
  return list;
}
