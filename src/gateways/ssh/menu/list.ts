import type { ReachableAsset } from '../../../access/access.ts';
import { complete, type Entry, entryOf, exactly, type FolderNode, folderTree, inFolder, search } from './catalogue.ts';
import { type Command, commandHint, parseCommand } from './commands.ts';
import type { Key } from './keys.ts';
import { Line } from './line.ts';
import type { Frame } from './screen.ts';
import { bold } from './style.ts';
import { folderLine, headerLine, helpLine, layout, rowLine } from './table.ts';
import { hasAir, pageSize, type Room, type View } from './view.ts';
import { cut } from './width.ts';
import { KEYS, promptLine, statusLine } from './words.ts';

export type ListAnswer =
  | { readonly kind: 'pick'; readonly asset: ReachableAsset }
  | { readonly kind: 'leave' | 'refresh' };

/** What is listed while nothing is typed. It is chosen anew from the assets after every refresh. */
interface Scope {
  readonly title: string;
  readonly choose: (all: readonly Entry[]) => readonly Entry[];
}
const EVERYTHING: Scope = { title: 'All assets', choose: (all) => all };

/** The list of assets with its prompt, the folder tree and the help: state, keys and looks, without any input or output. */
export class ListView implements View<ListAnswer> {
  readonly #room: Room;
  readonly #line = new Line();
  #all: readonly Entry[] = [];
  #scope = EVERYTHING;
  /** What the scope holds, and what is listed: the same, or the matches of what is being typed. */
  #base: readonly Entry[] = [];
  #listed: readonly Entry[] = [];
  #command: Command = { kind: 'empty' };
  #shows: 'assets' | 'folders' | 'help' = 'assets';
  #folders: readonly FolderNode[] = [];
  #top = 0;
  /** The row the arrows are on. */
  #selected: number | undefined;
  /** Said below the list until the next key. */
  notice = '';

  constructor(room: Room) {
    this.#room = room;
  }

  load(assets: readonly ReachableAsset[]): void {
    this.#all = assets.map(entryOf);
    this.#line.text = '';
    this.#shows = 'assets';
    this.#base = this.#scope.choose(this.#all);
    const top = this.#top;
    this.#typed();
    this.#scrollTo(top);
  }

  key(key: Key): ListAnswer | undefined {
    this.notice = '';
    if ('name' in key) {
      switch (key.name) {
        case 'enter':
          return this.#enter();
        case 'ctrl-d':
          return { kind: 'leave' };
        case 'ctrl-c':
          if (this.#isFresh()) return { kind: 'leave' };
          this.#clear();
          return undefined;
        case 'escape':
          if (this.#isFresh()) this.#list(EVERYTHING);
          else this.#clear();
          return undefined;
        case 'up':
          this.#select(-1);
          return undefined;
        case 'down':
          this.#select(1);
          return undefined;
        case 'page-up':
          this.#turn(-1);
          return undefined;
        case 'page-down':
          this.#turn(1);
          return undefined;
        case 'tab':
          this.#complete();
          return undefined;
      }
    }
    const before = this.#line.text;
    if (this.#line.apply(key) && this.#line.text !== before) this.#typed();
    return undefined;
  }

  frame(): Frame {
    const { width, rows } = this.#room;
    const prompt = promptLine('Asset', this.#line, 'type to search, ? for help', width);
    const air = hasAir(rows) ? [''] : [];
    const status = this.notice === '' ? statusLine(this.#status(), width) : bold(cut(` ${this.notice}`, width));
    return { lines: [prompt.text, ...air, ...this.#body(width), ...air, status], cursor: prompt.cursor };
  }

  // keys

  #isFresh(): boolean {
    return this.#line.text === '' && this.#selected === undefined && this.#shows === 'assets';
  }

  #clear(): void {
    this.#line.text = '';
    if (this.#shows !== 'assets') this.#top = 0;
    this.#shows = 'assets';
    this.#typed();
  }

  #list(scope: Scope): void {
    this.#scope = scope;
    this.#base = scope.choose(this.#all);
    this.#clear();
  }

  /** The text changed: the list follows. */
  #typed(): void {
    this.#command = parseCommand(this.#line.text);
    this.#selected = undefined;
    const { text, narrow } = this.#searched();
    const shows = text === '' ? this.#shows : 'assets';
    const listed = text === '' ? this.#base : search(narrow ? this.#base : this.#all, text);
    // a command or a number leaves the page as it is
    if (listed !== this.#listed || shows !== this.#shows) this.#top = 0;
    this.#listed = listed;
    this.#shows = shows;
    const marked = this.#marked();
    if (marked !== undefined) this.#reveal(marked);
  }

  /** What is being searched for; '' while the text is a command or the number of a row. */
  #searched(): { text: string; narrow: boolean; connect: boolean } {
    const command = this.#command;
    if (command.kind === 'search') return command;
    const isRow = command.kind === 'number' && command.number >= 1 && command.number <= this.#numbered();
    return {
      text: command.kind === 'number' && !isRow ? String(this.#line.text.trim()) : '',
      narrow: false,
      connect: true,
    };
  }

  #numbered(): number {
    return this.#shows === 'folders' ? this.#folders.length : this.#base.length;
  }

  #rowCount(): number {
    return this.#shows === 'folders'
      ? this.#folders.length
      : this.#shows === 'help'
        ? KEYS.length
        : this.#listed.length;
  }

  /** The row Enter would act on. */
  #marked(): number | undefined {
    if (this.#selected !== undefined) return this.#selected;
    const command = this.#command;
    const { text, connect } = this.#searched();
    if (command.kind === 'number' && text === '') return command.number - 1;
    if (text === '' || !connect) return undefined;
    const meant = exactly(this.#listed, text);
    return meant && this.#listed.indexOf(meant);
  }

  #reveal(row: number): void {
    const page = pageSize(this.#room.rows);
    if (row < this.#top || row >= this.#top + page) this.#top = row - (row % page);
  }

  #scrollTo(top: number): void {
    const page = pageSize(this.#room.rows);
    const last = Math.max(0, this.#rowCount() - 1);
    this.#top = Math.max(0, Math.min(top, last - (last % page)));
  }

  #turn(pages: number): void {
    const top = this.#top;
    this.#scrollTo(top + pages * pageSize(this.#room.rows));
    if (this.#top === top) this.notice = pages > 0 ? 'This is the last page.' : 'This is the first page.';
    else if (this.#selected !== undefined) this.#selected = this.#top;
  }

  #select(step: number): void {
    const count = this.#rowCount();
    if (this.#shows === 'help' || count === 0) return;
    const page = pageSize(this.#room.rows);
    const start = step > 0 ? this.#top - 1 : Math.min(this.#top + page, count);
    this.#selected = Math.max(0, Math.min(count - 1, (this.#selected ?? start) + step));
    this.#reveal(this.#selected);
  }

  #complete(): void {
    const before = this.#line.text;
    const slashes = /^\/{0,2}/.exec(before)![0];
    const completed = slashes + complete(slashes === '//' ? this.#base : this.#all, before.slice(slashes.length));
    if (completed === before) return;
    this.#line.text = completed;
    this.#typed();
  }

  #enter(): ListAnswer | undefined {
    const marked = this.#marked();
    if (marked !== undefined) {
      if (this.#shows === 'folders') this.#listFolder(marked);
      else return { kind: 'pick', asset: this.#listed[marked]!.reachable };
      return undefined;
    }
    const command = this.#command;
    switch (command.kind) {
      case 'leave':
      case 'refresh':
        return { kind: command.kind };
      case 'empty':
        this.#nextOrFirst();
        break;
      case 'all':
        this.#list(EVERYTHING);
        break;
      case 'hosts':
        this.#list({ title: 'Hosts', choose: (all) => all.filter((entry) => !entry.isDatabase) });
        break;
      case 'databases':
        this.#list({ title: 'Databases', choose: (all) => all.filter((entry) => entry.isDatabase) });
        break;
      case 'next':
      case 'back':
        this.#line.text = '';
        this.#command = { kind: 'empty' };
        this.#turn(command.kind === 'next' ? 1 : -1);
        break;
      case 'folders':
      case 'help':
        this.#folders = folderTree(this.#all);
        this.#clear();
        this.#shows = command.kind;
        break;
      case 'folder':
        this.#folders = folderTree(this.#all);
        this.#listFolder(command.id - 1);
        break;
      case 'search':
      case 'number':
        this.#keepMatches();
        break;
    }
    return undefined;
  }

  /** An empty line: back to the list, or on in it and from its end to its beginning. */
  #nextOrFirst(): void {
    const next = this.#top + pageSize(this.#room.rows);
    if (this.#shows === 'assets' || next < this.#rowCount()) this.#top = next < this.#rowCount() ? next : 0;
    else this.#clear();
  }

  #listFolder(index: number): void {
    const folder = this.#folders[index];
    if (!folder) {
      this.notice = `There is no folder ${index + 1}; g shows the folders.`;
      return;
    }
    this.#list({ title: `Folder ${folder.path}`, choose: (all) => inFolder(all, folder.path) });
  }

  /** Enter after a search that means no single asset: its matches become the list. */
  #keepMatches(): void {
    const { text, narrow } = this.#searched();
    if (text === '') {
      if (narrow) this.#clear();
      else this.#list(EVERYTHING);
    } else if (this.#listed.length === 0) {
      this.notice = `No asset matches "${text}"; Esc clears the search.`;
    } else {
      const within = narrow ? this.#scope : EVERYTHING;
      const title = narrow ? `${within.title}, "${text}"` : `Search "${text}"`;
      this.#list({ title, choose: (all) => search(within.choose(all), text) });
    }
  }

  // looks

  #body(width: number): string[] {
    const page = pageSize(this.#room.rows);
    const from = this.#top;
    if (this.#shows === 'help') {
      return [bold(' KEYS'), ...KEYS.slice(from, from + page).map((key) => helpLine(key, width))];
    }
    const marked = this.#marked();
    if (this.#shows === 'folders') {
      const rows = this.#folders
        .slice(from, from + page)
        .map((folder, i) => folderLine(from + i, folder, from + i === marked, width));
      return [bold(' ID  FOLDER'), ...rows];
    }
    if (this.#listed.length === 0) return [cut(` ${this.#nothing()}`, width)];
    const columns = layout(
      this.#base.length >= this.#listed.length && !this.#isSearching() ? this.#base : this.#all,
      width,
    );
    const rows = this.#listed
      .slice(from, from + page)
      .map((entry, i) => rowLine(columns, from + i + 1, entry, from + i === marked));
    return [headerLine(columns), ...rows];
  }

  #isSearching(): boolean {
    return this.#searched().text !== '';
  }

  #nothing(): string {
    if (this.#isSearching()) return 'No asset matches.';
    return this.#all.length === 0
      ? 'No asset is open to you yet; ask an administrator for a permission.'
      : 'Nothing here; p lists every asset.';
  }

  #status(): string[] {
    const page = pageSize(this.#room.rows);
    const count = this.#rowCount();
    const pages = Math.max(1, Math.ceil(count / page));
    const place = pages > 1 ? [`page ${Math.floor(this.#top / page) + 1}/${pages}`] : [];
    const turn = pages > 1 ? ['n next', 'b back'] : [];
    if (this.#shows === 'help') {
      return [
        'Help',
        ...place,
        ...(this.#top + page < count ? ['Enter shows more', 'Esc goes back'] : ['Enter goes back']),
      ];
    }
    const hint = this.#hint();
    if (this.#shows === 'folders')
      return ['Folders', ...place, hint ?? 'number or arrows and Enter open one', ...turn, 'Esc goes back'];
    if (this.#isSearching()) {
      const of = this.#searched().narrow ? this.#base.length : this.#all.length;
      return [`${count} of ${of} match`, ...(hint ? [hint] : []), ...place, 'Esc clears'];
    }
    const assets = `${count} ${count === 1 ? 'asset' : 'assets'}`;
    return [this.#scope.title, ...place, assets, ...(hint ? [hint] : []), ...turn, 'g folders', '? help', 'q leave'];
  }

  #hint(): string | undefined {
    const marked = this.#marked();
    if (marked !== undefined) {
      return this.#shows === 'folders'
        ? `Enter lists ${this.#folders[marked]!.path}`
        : `Enter connects to ${this.#listed[marked]!.name}`;
    }
    if (this.#isSearching() && this.#listed.length > 0) return 'Enter keeps these';
    return commandHint(this.#command);
  }
}
