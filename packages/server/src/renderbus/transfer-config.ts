/**
 * `data` of transfer/getConfig. The SDK keys engines by lower-cased name and dies with KeyError('aspera') unless one is
 * called Aspera with a default line; that line leads the transmitter to this server, that of RaysyncProxy its local
 * service. `port` is text on the wire.
 */
export interface StorageIds {
  config: string;
  input: string;
  output: string;
  parentInput: string;
  subOutputs: { userId: number; outputBid: string }[];
}

export function transferConfig(ids: StorageIds, reachedAt: { host: string; port: number }) {
  const port = String(reachedAt.port);
  const engine = (engineName: string, isDefault: 0 | 1) => ({
    engineName,
    isDefault,
    automaticCheck: 0,
    checkServer: reachedAt.host,
    checkPort: port,
    checkEnable: '0',
    checkExcludType: '',
    resqEngineAccounts: null,
    respTaskEngineLines: [{ name: 'croft', server: reachedAt.host, port, isDefault: 1, lineId: 1, type: 0 }],
  });
  return {
    inputBid: ids.input,
    outputBid: ids.output,
    configBid: ids.config,
    parentInputBid: ids.parentInput,
    resqEngines: [engine('Aspera', 1), engine('RaysyncProxy', 0)],
    subUserOutputBids: ids.subOutputs,
  };
}
