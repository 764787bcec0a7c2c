declare module 'ssh2/lib/protocol/crypto.js' {
  const crypto: {
    readonly bindingAvailable: boolean;
    readonly pooledPadding?: boolean;
    readonly MAX_PACKET_SIZE?: number;
  };
  export default crypto;
}
declare module 'ssh2/lib/protocol/constants.js' {
  const constants: {
    readonly mlkemSupported?: boolean;
    readonly SUPPORTED_SERVER_HOST_KEY: readonly string[];
    readonly SUPPORTED_CIPHER: readonly string[];
    readonly SUPPORTED_KEX: readonly string[];
    readonly SUPPORTED_MAC: readonly string[];
    readonly TERMINAL_MODE: Readonly<Record<string, number>>;
  };
  export default constants;
}
declare module 'ssh2/lib/protocol/utils.js' {
  const utils: { readonly plainAlgo?: (algorithm: string) => string };
  export default utils;
}
declare module 'ssh2/lib/protocol/Protocol.js' {
  export default class Protocol {
    constructor(config: {
      server: boolean;
      hostKeys: object;
      onWrite: (data: Buffer) => void;
      onError: (error: Error) => void;
    });
    _kex: unknown;
    _onHandshakeComplete(negotiated: object): void;
  }
}
declare module 'ssh2/lib/Channel.js' {
  const channel: { readonly MAX_WINDOW: number; readonly PACKET_SIZE: number };
  export default channel;
}
declare module 'ssh2/lib/server.js' {
  const server: { readonly onlyListedHostKeyAlgorithms?: boolean };
  export default server;
}
