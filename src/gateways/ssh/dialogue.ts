import { StringDecoder } from 'node:string_decoder';
import type { AccountChoice } from '../../access/access.ts';
import { printable } from '../../access/printable.ts';
import { Secret } from '../../kernel/secret.ts';
import type { ClientPort } from './client-port.ts';
import { TEXTS } from './texts.ts';

const MAX_LINE = 1024;

/** Asks on the terminal which account; undefined when broken off. Gives the `name` of the choice. */
export async function chooseAccount(
  port: ClientPort,
  asset: string,
  accounts: readonly AccountChoice[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const lines = accounts.map((account, i) => `  ${i + 1}  ${printable(account.name)}\r\n`);
  port.channel.write(Buffer.from(`${TEXTS.accountsOf(asset)}\r\n${lines.join('')}`));
  for (;;) {
    const typed = await readLine(port, TEXTS.askAccount(accounts.length), { echo: true, signal });
    if (typed === undefined) return undefined;
    const chosen = accounts[Number(typed.trim()) - 1] ?? accounts.find((account) => account.name === typed.trim());
    if (chosen) return chosen.name;
  }
}

/** Asks for the login (unless it is known) and the password of the target; undefined when broken off. */
export async function typeCredentials(
  port: ClientPort,
  known: string | null,
  signal: AbortSignal,
): Promise<{ login: string; secret: Secret } | undefined> {
  const login = known ?? (await readLine(port, TEXTS.askLogin, { echo: true, signal }))?.trim();
  if (!login) return undefined;
  const password = await readLine(port, TEXTS.askPassword(login), { echo: false, signal });
  return password === undefined ? undefined : { login, secret: Secret.of(password) };
}

/** One line with Backspace and Ctrl-U; undefined on Ctrl-C, on Ctrl-D in an empty line, and when the terminal goes. */
function readLine(
  port: ClientPort,
  prompt: string,
  options: { readonly echo: boolean; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const write = (text: string) => port.channel.write(Buffer.from(text));
  write(prompt);
  return new Promise((resolve) => {
    const decoder = new StringDecoder('utf8');
    let line: string[] = [];
    const finish = (result: string | undefined) => {
      stopData();
      stopOver();
      options.signal.removeEventListener('abort', gone);
      write('\r\n');
      resolve(result);
    };
    const gone = () => finish(undefined);
    const redraw = () => {
      if (options.echo) write(`\r${prompt}${line.join('')}\x1b[K`);
    };
    const stopOver = port.onOver(gone);
    const stopData = port.onData((chunk) => {
      const keys = [...decoder.write(chunk)];
      for (const [i, key] of keys.entries()) {
        if (key === '\r' || key === '\n') {
          // what follows the Enter is for whoever comes next
          const rest = keys.slice(key === '\r' && keys[i + 1] === '\n' ? i + 2 : i + 1).join('');
          finish(line.join(''));
          return port.putBack(Buffer.from(rest));
        }
        if (key === '\x03' || (key === '\x04' && line.length === 0)) return finish(undefined);
        if (key === '\x7f' || key === '\b') line.pop();
        else if (key === '\x15') line = [];
        else if (key >= ' ' && line.length < MAX_LINE) line.push(key);
      }
      redraw();
    });
    if (options.signal.aborted) gone();
    else options.signal.addEventListener('abort', gone, { once: true });
  });
}
