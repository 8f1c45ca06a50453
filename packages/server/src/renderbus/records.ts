/**
 * Records as endpoints 48 and 49 show them (compat-api, section 3.8; real-sdk). The documents want both dates; the SDK
 * sends empty ones by default, which mean no limit. What the documents leave open: `taskType` is Render where tasks are
 * named, `details` says why a call was refused, `loginType` is how somebody came in.
 */
import { apiCodeFacts } from '@croft/contract';
import type { OperationRow, RecordFilter, SignInRow } from '@croft/farm';
import { localTime, optional } from './fields.ts';
import type { LocalReading, LocalTimes } from './local-times.ts';

const SUCCESS = 200;
/** `operateSource`. */
const MAIN_ACCOUNT = 1;
const SUB_ACCOUNT = 2;

/** `yyyy-MM-dd HH:mm:ss`, or a day alone; both ends belong to the range. */
export const recordRange = { startDate: optional(localTime), endDate: optional(localTime) };

interface Wish {
  readonly pageNum: number;
  readonly pageSize: number;
  readonly startDate?: LocalReading | undefined;
  readonly endDate?: LocalReading | undefined;
}

export function rangeOf({ pageNum, pageSize, startDate, endDate }: Wish, times: LocalTimes): RecordFilter {
  return {
    page: pageNum,
    size: pageSize,
    from: startDate === undefined ? undefined : times.startOf(startDate),
    to: endDate === undefined ? undefined : times.endOf(endDate),
  };
}

export function operationRecord(row: OperationRow, times: LocalTimes) {
  return {
    userName: row.accountName,
    userId: String(row.accountId),
    taskType: row.taskType || (row.taskIds.length > 0 ? 'Render' : ''),
    buttonName: row.button,
    taskIds: JSON.stringify(row.taskIds),
    channel: String(row.channel),
    createTime: times.textOf(row.at),
    details: detailsOf(row),
    operateSource: row.mainAccountId === 0 ? MAIN_ACCOUNT : SUB_ACCOUNT,
    requestIp: row.address,
    requestURI: row.uri,
    requestParam: row.parameters,
  };
}

function detailsOf({ outcome, details }: OperationRow): string {
  if (outcome === null) return 'not answered yet';
  if (outcome === SUCCESS) return 'success';
  return [`${outcome} ${apiCodeFacts(outcome).message}`, details].filter((part) => part !== '').join(': ');
}

export function signInRecord(row: SignInRow) {
  return {
    id: row.id,
    // A number here, a text in the other record: as the documents' samples have them.
    userId: row.accountId,
    userName: row.accountName,
    userUa: row.userAgent,
    traceId: row.traceId,
    loginType: row.way,
    loginStatus: String(row.outcome),
    loginStaDesc: apiCodeFacts(row.outcome).message,
    moduleType: row.way === 'key' ? 'sdk' : 'web',
    ip: row.address,
    // The documents' table says this name, their sample the other: both are there.
    loginIp: row.address,
    loginTime: row.at,
  };
}
