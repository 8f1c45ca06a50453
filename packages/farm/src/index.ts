export * from './farm-api.ts';
