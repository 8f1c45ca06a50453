/** The stored bytes are not what their id says. A store turns this into TRANSFER_BLOB_CORRUPT. */
export class DamageFound extends Error {}
