import type { ReachableAsset } from '../../../access/access.ts';
import { complete, type Entry, entryOf, exactly, type FolderNode, folderTree, inFolder, search } from './catalogue.ts';
import { type Command, parseCommand } from './commands.ts';
import type { Key } from './keys.ts';
import { Line } from './line.ts';
import { type ListState, listFrame } from './list-frame.ts';
import type { Frame } from './screen.ts';
import { pageSize, type Room, type View } from './view.ts';
import { KEYS } from './words.ts';

export type ListAnswer =
  | { readonly kind: 'pick'; readonly asset: ReachableAsset }
  | { readonly kind: 'leave' | 'refresh' };

/** What is listed while nothing is typed. It is chosen anew from the assets after every refresh. */
interface Scope {
  readonly title: string;
  readonly choose: (all: readonly Entry[]) => readonly Entry[];
}
const EVERYTHING: Scope = { title: 'All assets', choose: (all) => all };

/** The list of assets with its prompt, the folder tree and the help: their state, and what keys do to it. */
export class ListView implements View<ListAnswer> {
  readonly #room: Room;
  readonly #line = new Line();
  #all: readonly Entry[] = [];
  #scope = EVERYTHING;
  /** What the scope holds, and what is listed: the same, or the matches of what is being typed. */
  #base: readonly Entry[] = [];
  #listed: readonly Entry[] = [];
  #command: Command = { kind: 'empty' };
  #shows: ListState['shows'] = 'assets';
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
    const state = {
      line: this.#line,
      command: this.#command,
      searched: this.#searched(),
      shows: this.#shows,
      title: this.#scope.title,
      all: this.#all,
      base: this.#base,
      listed: this.#listed,
      folders: this.#folders,
      count: this.#rowCount(),
      top: this.#top,
      marked: this.#marked(),
      notice: this.notice,
    };
    return listFrame(state, this.#room);
  }

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
}
