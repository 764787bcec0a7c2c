import type { AccountChoice, ReachableAsset } from '../../../access/access.ts';
import { toAppError } from '../../../kernel/errors.ts';
import { Secret } from '../../../kernel/secret.ts';
import type { Protocol } from '../../../store/model.ts';
import { Input } from './input.ts';
import { ListView } from './list.ts';
import { AskView, BACK, PickView } from './pick.ts';
import { Screen } from './screen.ts';
import { bold, dim, red } from './style.ts';
import type { ConnectOutcome, MenuDeps, MenuEnd, MenuPick, MenuTerminal } from './types.ts';
import { interact } from './view.ts';
import { clean, cut, wrap } from './width.ts';
import { welcome } from './words.ts';

/** How often a secret, or login and secret, may be tried. */
const INPUT_TRIES = 3;

/** The menu of a login without an asset: lists, searches, picks, hands the terminal over, and is there again afterwards. */
export async function runMenu(terminal: MenuTerminal, deps: MenuDeps, signal: AbortSignal): Promise<MenuEnd> {
  const screen = new Screen(terminal);
  const input = new Input(terminal, deps.clock, deps.idleMs, signal);
  const stopResize = terminal.onResize(() => screen.resized());
  try {
    const left = await new Menu(screen, input, deps, signal).run();
    const end = left ? 'left' : (input.end ?? 'closed');
    screen.erase();
    if (end === 'idle')
      screen.print([dim(cut(`Nothing was typed for ${minutes(deps.idleMs)}; goodbye.`, screen.width))]);
    return end;
  } finally {
    stopResize();
    input.dispose();
  }
}

function minutes(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1000)} s`;
  const count = Math.round(ms / 60_000);
  return count === 1 ? 'a minute' : `${count} minutes`;
}

class Menu {
  readonly #screen: Screen;
  readonly #input: Input;
  readonly #deps: MenuDeps;
  readonly #signal: AbortSignal;
  readonly #list: ListView;

  constructor(screen: Screen, input: Input, deps: MenuDeps, signal: AbortSignal) {
    this.#screen = screen;
    this.#input = input;
    this.#deps = deps;
    this.#signal = signal;
    this.#list = new ListView(screen);
  }

  /** True when the user left, false when the keyboard ended. */
  async run(): Promise<boolean> {
    this.#screen.print(welcome(this.#deps, this.#screen.width));
    await this.#load();
    for (;;) {
      const answer = await interact(this.#input, this.#screen, this.#list);
      if (answer === undefined) return false;
      if (answer.kind === 'leave') return true;
      if (answer.kind === 'pick') await this.#open(answer.asset);
      await this.#load();
      if (answer.kind === 'refresh') this.#list.notice ||= 'The list is up to date.';
    }
  }

  async #load(): Promise<void> {
    try {
      const assets = await Promise.race([this.#deps.reachable(), this.#input.closed]);
      if (typeof assets === 'object') this.#list.load(assets);
    } catch (error) {
      this.#list.load([]);
      this.#list.notice = `The list could not be loaded; r tries again. (${clean(toAppError(error).message)})`;
    }
  }

  /** Asks what is missing and connects, until a session ran, it failed, or the user went back. */
  async #open(asset: ReachableAsset): Promise<void> {
    const name = clean(asset.asset.name);
    const protocol = await this.#protocol(asset, name);
    if (protocol === BACK) return;
    let account: string | undefined;
    let input: MenuPick['input'];
    for (let tries = 0; ; ) {
      const outcome = await this.#connect({ asset, protocol, account, input }, name);
      input?.secret.wipe();
      if (outcome === undefined) return;
      if (outcome.kind === 'ended' || outcome.kind === 'failed') {
        this.#tell(outcome);
        return;
      }
      if (outcome.kind === 'choose') {
        const chosen = await this.#account(outcome.accounts, name);
        if (chosen === BACK) return;
        account = chosen;
      } else {
        if (outcome.message !== undefined) this.#tell({ kind: 'failed', message: outcome.message });
        if (++tries > INPUT_TRIES) return;
        const typed = await this.#typed(outcome.login, name);
        if (typed === BACK) return;
        input = typed;
      }
    }
  }

  async #protocol({ protocols }: ReachableAsset, name: string): Promise<Protocol | undefined | typeof BACK> {
    if (protocols.length < 2) return protocols[0];
    const options = protocols.map((protocol) => ({ name: protocol, note: '' }));
    const picked = await this.#ask(new PickView(this.#screen, 'Protocol', `Protocols of ${name}`, options));
    return picked === BACK ? BACK : protocols.find((protocol) => protocol === picked);
  }

  #account(accounts: readonly AccountChoice[], asset: string): Promise<string | typeof BACK> {
    const options = accounts.map(({ name, login }) => ({ name, note: login === null ? 'type login and secret' : '' }));
    return this.#ask(new PickView(this.#screen, 'Account', `Accounts of ${asset}`, options));
  }

  async #typed(known: string | null, asset: string): Promise<NonNullable<MenuPick['input']> | typeof BACK> {
    const login = known ?? (await this.#ask(new AskView(this.#screen, `Login on ${asset}`, false)));
    if (login === BACK) return BACK;
    const secret = await this.#ask(new AskView(this.#screen, `Password of ${clean(login)} on ${asset}`, true));
    return secret === BACK ? BACK : { login, secret: Secret.of(secret) };
  }

  async #ask(view: PickView | AskView): Promise<string | typeof BACK> {
    const answer = await interact(this.#input, this.#screen, view);
    this.#screen.erase();
    return answer ?? BACK;
  }

  /** Hands the terminal over; undefined when it ended meanwhile. */
  async #connect(pick: Omit<MenuPick, 'typedAhead'>, name: string): Promise<ConnectOutcome | undefined> {
    if (this.#input.end) return undefined;
    const as = pick.input?.login ?? pick.account;
    this.#screen.print([bold(cut(`> ${name}${as === undefined ? '' : ` as ${clean(as)}`}`, this.#screen.width))]);
    const typedAhead = this.#input.detach();
    const outcome = this.#deps
      .connect({ ...pick, typedAhead }, this.#signal)
      .catch((error: unknown): ConnectOutcome => ({ kind: 'failed', message: toAppError(error).message }));
    const result = await Promise.race([outcome, this.#input.closed]);
    if (typeof result === 'string') return undefined;
    if (result.kind === 'ended') this.#screen.restore();
    const untried = result.kind === 'choose' || (result.kind === 'input' && result.message === undefined);
    // nothing ran yet: the line is printed again when everything is known, and what was typed is still ours
    if (untried) this.#screen.unprint();
    this.#input.attach(untried ? typedAhead : undefined);
    return result;
  }

  #tell({ kind, message }: { readonly kind: 'ended' | 'failed'; readonly message: string | null }): void {
    if (message === null) return;
    const lines = wrap(clean(message), this.#screen.width);
    this.#screen.print(['', ...lines.map(kind === 'failed' ? red : bold), ''].slice(kind === 'failed' ? 1 : 0));
  }
}
