import type { AccountChoice } from '../../access/access.ts';
import { printable } from '../../kernel/printable.ts';
import { Secret } from '../../kernel/secret.ts';
import type { ClientPort } from './client-port.ts';
import type { ConnectionContext } from './context.ts';
import { Input } from './menu/input.ts';
import { AskView, BACK, PickView } from './menu/pick.ts';
import { Screen } from './menu/screen.ts';
import { interact } from './menu/view.ts';
import { menuTerminal } from './menu-session.ts';
import { TEXTS } from './texts.ts';

/** Asks on the terminal which account, as the menu does; undefined when broken off. Gives the `name` of the choice. */
export function chooseAccount(
  context: ConnectionContext,
  port: ClientPort,
  asset: string,
  accounts: readonly AccountChoice[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const options = accounts.map(({ name, login }) => ({ name, note: login === null ? TEXTS.inputNote : '' }));
  const view = (screen: Screen) => new PickView(screen, TEXTS.account, TEXTS.accountsOf(printable(asset)), options);
  return ask(context, port, view, signal);
}

/** Asks for the login (unless it is known) and the password of the target; undefined when broken off. */
export async function typeCredentials(
  context: ConnectionContext,
  port: ClientPort,
  known: string | null,
  signal: AbortSignal,
): Promise<{ login: string; secret: Secret } | undefined> {
  const login = known ?? (await ask(context, port, (screen) => new AskView(screen, TEXTS.login, false), signal));
  if (login === undefined) return undefined;
  const label = TEXTS.passwordOf(printable(login));
  const password = await ask(context, port, (screen) => new AskView(screen, label, true), signal);
  return password === undefined ? undefined : { login, secret: Secret.of(password) };
}

async function ask(
  context: ConnectionContext,
  port: ClientPort,
  makeView: (screen: Screen) => PickView | AskView,
  signal: AbortSignal,
): Promise<string | undefined> {
  const terminal = menuTerminal(port);
  const screen = new Screen(terminal);
  const input = new Input(terminal, context.clock, context.config.session.idle_timeout, signal);
  const stopResize = terminal.onResize(() => screen.resized());
  try {
    const answer = await interact<string | typeof BACK>(input, screen, makeView(screen));
    screen.erase();
    return answer === BACK ? undefined : answer;
  } finally {
    stopResize();
    port.putBack(input.detach());
    input.dispose();
  }
}
