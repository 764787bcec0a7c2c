export interface PastedLogin {
  readonly login?: string;
  readonly address: string;
  readonly port?: number;
}

/**
 * What people have at hand: `root@10.0.0.5:2222`, `ssh -p 2222 root@web1`, `ssh://root@web1:2222`, `[::1]:22`, an
 * address alone. undefined for what is none of these.
 */
export function parseLogin(text: string): PastedLogin | undefined {
  let rest = text.trim();
  let port: number | undefined;
  if (/^ssh\s/.test(rest)) {
    const option = /\s-p\s*(\d{1,5})(?=\s|$)/.exec(rest);
    if (option) port = Number(option[1]);
    // options with a value first, so that the value is not taken for the destination
    rest = rest.replace(/\s-[bcDEeFIiJLlmOopQRSWw]\s*\S+/g, ' ').replace(/\s-\S+/g, ' ');
    rest = rest.trim().split(/\s+/)[1] ?? '';
  }
  rest = rest.replace(/^ssh:\/\//, '').replace(/\/$/, '');
  const match =
    /^(?:(?<login>[^\s]+)@)?(?:\[(?<v6>[0-9a-fA-F:.%]+)\]|(?<host>[^\s@[\]]+?))(?::(?<port>\d{1,5}))?$/.exec(rest);
  const { login, v6, host } = match?.groups ?? {};
  let address = v6 ?? host;
  if (address === undefined || address.includes('/')) return undefined;
  let given = match!.groups!.port;
  // several colons without brackets are an IPv6 address, and its last part no port
  if (v6 === undefined && given !== undefined && address.includes(':')) {
    address = `${address}:${given}`;
    given = undefined;
  }
  if (v6 === undefined && address.includes(':') && !/^[0-9a-fA-F:.%]+$/.test(address)) return undefined;
  const number = given === undefined ? port : Number(given);
  if (number !== undefined && (number < 1 || number > 65535)) return undefined;
  return { address, ...(login !== undefined && { login }), ...(number !== undefined && { port: number }) };
}
