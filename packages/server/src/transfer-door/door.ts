/** The transfer door as one of the server's doors: who asks is a signed account, or a node by its attempt's token. */
import { readNativeSigner } from '@croft/contract/signing';
import type { BlobStore } from '@croft/transfer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { serverErrors } from '../errors.ts';
import { createNativeAuthenticator } from '../native/authenticate.ts';
import type { DoorParts } from '../ports.ts';
import type { TransferPrincipal } from './ports.ts';
import { registerTransferDoor } from './transfer-door.ts';

/** Makes the door over a blob store: an entry of `ServerOptions.doors`. */
export function transferDoor(blobs: BlobStore): (app: FastifyInstance, parts: DoorParts) => Promise<void> {
  return async (app, parts) => {
    const { calls, reads, clock, log } = parts;
    const native = createNativeAuthenticator(parts);
    const authenticate = async (request: FastifyRequest): Promise<TransferPrincipal> => {
      const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (token === undefined) {
        const caller = await native.caller(request);
        return { kind: 'account', caller, bodySha256: readNativeSigner(request.headers)?.bodySha256 };
      }
      const grant = await calls.attemptGrant(token);
      if (grant === null) throw serverErrors.NATIVE_NOT_SIGNED_IN('the attempt of this token is not live');
      return { kind: 'attempt', grant };
    };
    await registerTransferDoor(app, { calls, reads, blobs, clock, log, authenticate });
  };
}
