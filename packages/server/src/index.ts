export { type Collected, type Collection, startCollection } from './collection.ts';
export {
  type CertificateFacts,
  type CertificateFiles,
  ownCertificateFacts,
  renewOwnCertificate,
} from './http/certificate.ts';
export { createOutlet, type ServerOutlet } from './outlet.ts';
export type { BlobBytes, DoorParts } from './ports.ts';
export { type ScrubOptions, type ScrubParts, scrub } from './scrub.ts';
export { type Server, type ServerOptions, startServer } from './server.ts';
