/** Signing of both APIs. An entry of its own because it needs node:crypto, which a browser bundle cannot take. */

export {
  EMPTY_RAW_OBJECT,
  parseRawJson,
  plainValue,
  type RawJson,
  type RawJsonLimits,
  type RawObject,
} from '../raw-json.ts';
export { type HostFacts, hostCandidates } from './host-candidates.ts';
export {
  NATIVE_HEADERS,
  type NativeProof,
  type NativeSigner,
  type NativeSigning,
  readNativeSigner,
  sha256Hex,
  signNative,
  UNSIGNED_PAYLOAD,
  verifyNative,
} from './native-signing.ts';
export {
  type RenderbusProof,
  type RenderbusSigner,
  type RenderbusSigning,
  readRenderbusSigner,
  renderbusSignature,
  signRenderbusHeaders,
  verifyRenderbusSignature,
} from './renderbus-signing.ts';
export {
  type IncomingHeaders,
  type RenderbusRequest,
  renderbusStringToSign,
  SIGNED_RENDERBUS_HEADERS,
} from './renderbus-text.ts';
