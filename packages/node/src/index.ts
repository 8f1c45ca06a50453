export { nodeErrors } from './errors.ts';
export type { AttemptTransfer, NodeTransfer, SentFile } from './ports.ts';
export { type NodeOptions, type RunningNode, startNode } from './start-node.ts';
