/**
 * Who asks at the transfer door: a node, with the bearer token of a live attempt, or an account, as at the native API.
 */
import { NATIVE_HEADERS } from '@croft/contract/signing';
import type { FarmCalls } from '@croft/farm';
import type { FastifyRequest } from 'fastify';
import { serverErrors } from '../errors.ts';
import type { TransferPrincipal } from '../transfer-door/ports.ts';
import type { NativeAuthenticator } from './authenticate.ts';

const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i;

export function transferPrincipals(
  calls: FarmCalls,
  authenticator: NativeAuthenticator,
): (request: FastifyRequest) => Promise<TransferPrincipal> {
  return async (request) => {
    const authorization = request.headers.authorization;
    if (authorization !== undefined) {
      const token = BEARER.exec(authorization)?.[1];
      const grant = token === undefined ? null : await calls.attemptGrant(token);
      if (grant === null) throw serverErrors.ATTEMPT_TOKEN_INVALID('this attempt is not live');
      return { kind: 'attempt', grant };
    }
    const caller = await authenticator.caller(request);
    const promised = request.headers[NATIVE_HEADERS.contentSha256];
    const bodySha256 = caller.sessionToken === null && typeof promised === 'string' ? promised : undefined;
    return { kind: 'account', caller, bodySha256 };
  };
}
