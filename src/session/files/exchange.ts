import { SftpRelay } from '../../kernel/sftp/relay.ts';
import {
  packet,
  SFTP_VERSION,
  SftpError,
  SftpReader,
  STATUS,
  statusPacket,
  string,
  TYPE,
} from '../../kernel/sftp/wire.ts';
import type { Action, Millis, TransferDirection } from '../../store/model.ts';
import type { TransferEntry } from '../transfers.ts';
import { type Flow, OpenFile, type Trouble } from './open-file.ts';
import { OwnFiles } from './own-files.ts';
import { type Request, readRequest } from './requests.ts';
import { type Needs, neededToOpen, READ, WRITE } from './rights.ts';
import { failureOf, mayNot, missingText, pathText, purposeOf, transferText } from './sentences.ts';

/** Beyond as many unanswered requests the client is to wait. */
const MOST_UNANSWERED = 4096;
/** OpenSSH's server has at most as many as it may have files. */
const MOST_OPEN = 4096;
/** §4 of the draft. */
const LONGEST_HANDLE = 256;

export interface ExchangeHost {
  /** The name of the target, for sentences. */
  readonly asset: string;
  may(action: Action): boolean;
  now(): Millis;
  toTarget(chunk: Buffer): void;
  toClient(chunk: Buffer): void;
  /** One line for the recording. */
  tell(line: string): void;
  transfer(entry: TransferEntry): void;
  /** A request was refused for want of this action. */
  denied(action: Action, text: string): void;
}

/** What is done with the answer to a request that went on. False: it does not reach the client. */
type Answered = (type: number, head: Buffer) => boolean | undefined;
const PASSED: Answered = () => true;

/**
 * One SFTP connection between its two ends: every request is judged by the rights of this moment, in passing and
 * without a round trip of its own; what is denied never reaches the target and is answered from here. What is said
 * about files is what the target confirmed. Throws `SftpError` when either side does not keep to the protocol.
 */
export class Exchange {
  readonly #host: ExchangeHost;
  readonly #requests: SftpRelay;
  readonly #answers: SftpRelay;
  readonly #unanswered = new Map<number, Answered>();
  /** By the bytes of the handle, as Latin-1. */
  readonly #handles = new Map<string, OpenFile>();
  #opening = 0;
  /** Opened, and not told as a transfer yet. */
  readonly #files = new Set<OpenFile>();
  readonly #own = new OwnFiles();
  /** Whose payload passes. */
  #writing: Flow | undefined;
  #reading: Flow | undefined;
  #asked = false;
  #greeted = false;

  constructor(host: ExchangeHost) {
    this.#host = host;
    this.#requests = new SftpRelay({
      packet: (type, id, head) => this.#request(type, id, head),
      payload: (piece) => this.#writing?.take(piece),
      payloadEnd: () => {},
      emit: (chunk) => host.toTarget(chunk),
    });
    this.#answers = new SftpRelay({
      packet: (type, id, head) => this.#answer(type, id, head),
      payload: (piece) => this.#reading?.take(piece),
      payloadEnd: () => {},
      emit: (chunk) => host.toClient(chunk),
    });
  }

  /** More is under way than should be: the client is to wait until it is not. */
  get crowded(): boolean {
    return this.#unanswered.size > MOST_UNANSWERED || this.#answers.waiting > 0;
  }

  fromClient(chunk: Buffer): void {
    this.#requests.push(chunk);
  }

  fromTarget(chunk: Buffer): void {
    try {
      this.#answers.push(chunk);
    } catch (error) {
      if (this.#greeted) throw error;
      throw new SftpError('its first bytes are not of it; a login script of the account may print something');
    }
  }

  /** Nothing more comes: files that are still open were not closed. */
  end(why: string): void {
    for (const file of this.#files) this.#closed(file, { result: 'failed', detail: why });
  }

  #request(type: number, id: number, head: Buffer): boolean | Buffer {
    this.#writing = undefined;
    if (!this.#asked) return this.#init(type, id, head);
    if (this.#unanswered.has(id)) throw new SftpError('it used the number of a request that is not answered yet');
    switch (type) {
      case TYPE.init:
        throw new SftpError('it began twice');
      case TYPE.read:
        return this.#read(id, head);
      case TYPE.write:
        return this.#write(id, head);
      case TYPE.open:
        return this.#open(id, head);
      case TYPE.opendir:
        return this.#opendir(id, head);
      case TYPE.close:
        return this.#close(id, head);
      default:
        return this.#other(
          id,
          readRequest(type, head, (handle) => this.#file(handle)),
        );
    }
  }

  /** Asks for the version that is spoken here, whatever else the client could speak. */
  #init(type: number, version: number, head: Buffer): boolean | Buffer {
    if (type !== TYPE.init) throw new SftpError('it did not begin with a version');
    if (version < SFTP_VERSION) throw new SftpError(`it speaks version ${version} only, not ${SFTP_VERSION}`);
    this.#asked = true;
    return version === SFTP_VERSION && head.length === 9 ? true : packet(TYPE.init, SFTP_VERSION);
  }

  #read(id: number, head: Buffer): boolean {
    const fields = new SftpReader(head, 9);
    const file = this.#file(fields.string());
    if (!file) return this.#refuseHandle(id);
    const flow = file.flow('download');
    const missing = this.#missing(READ);
    if (missing) return this.#refuseFlow(id, missing, `read ${file.path}`, flow);
    const offset = fields.uint64();
    this.#unanswered.set(id, (type, head) => {
      if (type === TYPE.data) return this.#data(id, file, flow, offset);
      // the end of the file is no failure
      if (type === TYPE.status && new SftpReader(head, 9).uint32() !== STATUS.eof) this.#failed(flow, type, head);
      return true;
    });
    return true;
  }

  #data(id: number, file: OpenFile, flow: Flow, offset: number): boolean {
    // many may be under way when the right is taken away
    const missing = this.#missing(READ);
    if (missing) return this.#refuseFlow(id, missing, `read ${file.path}`, flow);
    this.#reading = flow;
    flow.at(offset);
    return true;
  }

  #write(id: number, head: Buffer): boolean {
    const fields = new SftpReader(head, 9);
    const file = this.#file(fields.string());
    if (!file) return this.#refuseHandle(id);
    const flow = file.flow('upload');
    const missing = this.#missing(WRITE);
    if (missing) return this.#refuseFlow(id, missing, `write ${file.path}`, flow);
    flow.at(fields.uint64());
    this.#writing = flow;
    this.#unanswered.set(id, (type, head) => {
      this.#failed(flow, type, head);
      return true;
    });
    return true;
  }

  #open(id: number, head: Buffer): boolean {
    const fields = new SftpReader(head, 9);
    const name = fields.string();
    const flags = fields.uint32();
    const path = pathText(name);
    const doing = `open ${path} to ${purposeOf(flags)}`;
    const startedAt = this.#host.now();
    const file = new OpenFile(path, flags, startedAt);
    const missing = this.#missing(neededToOpen(flags));
    if (missing) {
      const direction: TransferDirection = missing === 'download' ? 'download' : 'upload';
      this.#told(file, direction, file.flow(direction), { result: 'denied', detail: missingText(missing) });
      return this.#refuse(id, missing, doing);
    }
    if (this.#full) return this.#refuseMore(id);
    this.#opening++;
    this.#unanswered.set(id, (type, head) => {
      this.#opening--;
      if (type === TYPE.handle) {
        this.#opened(head, file);
        this.#own.opened(name, flags);
        this.#files.add(file);
        this.#host.tell(doing);
      } else this.#host.tell(`${doing}: ${failureOf(type, head) ?? 'no handle'}`);
      return true;
    });
    return true;
  }

  #opendir(id: number, head: Buffer): boolean {
    const path = pathText(new SftpReader(head, 9).string());
    const missing = this.#missing(['connect']);
    if (missing) return this.#refuse(id, missing, `list ${path}`);
    if (this.#full) return this.#refuseMore(id);
    this.#opening++;
    this.#unanswered.set(id, (type, head) => {
      this.#opening--;
      if (type === TYPE.handle) this.#opened(head, new OpenFile(path, null, 0));
      this.#host.tell(`list ${path}${type === TYPE.handle ? '' : `: ${failureOf(type, head) ?? 'no handle'}`}`);
      return true;
    });
    return true;
  }

  /** Needs no right: what is open may always be closed. */
  #close(id: number, head: Buffer): boolean {
    const handle = new SftpReader(head, 9).string();
    const file = this.#file(handle);
    if (!file) return this.#refuseHandle(id);
    // the target may give its handle away again before it answers
    this.#handles.delete(keyOf(handle));
    this.#unanswered.set(id, (type, head) => {
      const failure = failureOf(type, head);
      if (!file.isDirectory)
        this.#closed(file, failure === undefined ? undefined : { result: 'failed', detail: failure });
      return true;
    });
    return true;
  }

  #other(id: number, request: Request): boolean | Buffer {
    const { rename, doing, copiesTo } = request;
    const missing = this.#missing(request.needs);
    const own = rename !== undefined && this.#own.has(rename.from);
    if (missing && !(missing === 'delete' && own)) {
      if (request.unknown) return this.#refuseUnknown(id, doing!, missing);
      return this.#refuse(id, missing, doing ?? 'look');
    }
    if (request.badHandle) return this.#refuseHandle(id);
    if (own) this.#own.remove(rename.from);
    copiesTo?.flow('upload').skip();
    this.#unanswered.set(
      id,
      doing === undefined
        ? PASSED
        : (type, head) => {
            const failure = failureOf(type, head);
            if (own) this.#own.add(failure === undefined ? rename.to : rename.from);
            if (failure === undefined) this.#host.tell(request.done ?? doing);
            else this.#host.tell(`${doing}: ${failure}`);
            return true;
          },
    );
    // without `delete` it may take a name that is free, and not the place of another file
    if (missing && rename?.replaces) return packet(TYPE.rename, id, string(rename.from), string(rename.to));
    return true;
  }

  #answer(type: number, id: number, head: Buffer): boolean {
    this.#reading = undefined;
    if (!this.#greeted) return this.#version(type, id);
    const answered = this.#unanswered.get(id);
    if (!answered) throw new SftpError('it answered what nobody asked');
    this.#unanswered.delete(id);
    const passes = answered(type, head) !== false;
    if (!passes) return false;
    if (type === TYPE.data && !this.#reading) throw new SftpError('it sent data nobody asked for');
    return true;
  }

  #version(type: number, version: number): boolean {
    if (type !== TYPE.version) throw new SftpError('it did not begin with a version');
    this.#greeted = true;
    if (version !== SFTP_VERSION) throw new SftpError(`it speaks version ${version}, not ${SFTP_VERSION}`);
    return true;
  }

  /** The first action that is needed and not there. */
  #missing(needs: Needs): Action | undefined {
    for (const action of needs) if (!this.#host.may(action)) return action;
    return undefined;
  }

  get #full(): boolean {
    return this.#handles.size + this.#opening >= MOST_OPEN;
  }

  #file(handle: Buffer): OpenFile | undefined {
    return handle.length > LONGEST_HANDLE ? undefined : this.#handles.get(keyOf(handle));
  }

  #opened(head: Buffer, file: OpenFile): void {
    const handle = new SftpReader(head, 9).string();
    if (handle.length > LONGEST_HANDLE) throw new SftpError('it gave a handle that is too long');
    const before = this.#handles.get(keyOf(handle));
    if (before && this.#files.has(before)) this.#closed(before, { result: 'failed', detail: 'not closed' });
    this.#handles.set(keyOf(handle), file);
  }

  #refuse(id: number, missing: Action, doing: string): false {
    this.#host.tell(`refused: ${doing} (${missingText(missing)})`);
    const text = mayNot(missing, this.#host.asset);
    this.#host.denied(missing, text);
    this.#respond(id, STATUS.permissionDenied, text);
    return false;
  }

  /** As `#refuse`, told once for all the pieces of a file. */
  #refuseFlow(id: number, missing: Action, doing: string, flow: Flow): false {
    const first = flow.trouble === undefined;
    flow.trouble ??= { result: 'denied', detail: missingText(missing) };
    if (first) return this.#refuse(id, missing, doing);
    this.#respond(id, STATUS.permissionDenied, mayNot(missing, this.#host.asset));
    return false;
  }

  #refuseUnknown(id: number, doing: string, missing: Action): false {
    this.#host.tell(`refused: ${doing} (not known here; ${missingText(missing)})`);
    this.#respond(
      id,
      STATUS.unsupported,
      'the bastion does not know this request and lets it pass only with all rights',
    );
    return false;
  }

  #refuseHandle(id: number): false {
    this.#respond(id, STATUS.failure, 'no such handle');
    return false;
  }

  #refuseMore(id: number): false {
    this.#respond(id, STATUS.failure, `more than ${MOST_OPEN} files are open; close some first`);
    return false;
  }

  #respond(id: number, code: number, text: string): void {
    this.#answers.inject(statusPacket(id, code, text));
  }

  #failed(flow: Flow, type: number, head: Buffer): void {
    const failure = failureOf(type, head);
    if (failure !== undefined) flow.trouble ??= { result: 'failed', detail: failure };
  }

  #closed(file: OpenFile, trouble: Trouble | undefined): void {
    this.#files.delete(file);
    for (const [direction, flow] of file.transfers()) this.#told(file, direction, flow, flow.trouble ?? trouble);
  }

  #told(file: OpenFile, direction: TransferDirection, flow: Flow, trouble: Trouble | undefined): void {
    const { path, startedAt } = file;
    const { bytes, partial } = flow;
    const sha256 = flow.sha256();
    const { result = 'ok', detail = null } = trouble ?? {};
    this.#host.transfer({ method: 'sftp', direction, path, startedAt, bytes, sha256, partial, result, detail });
    // that it was refused was told already
    if (bytes > 0 || result !== 'denied') this.#host.tell(transferText(direction, path, flow, sha256, trouble));
  }
}

const keyOf = (handle: Buffer) => handle.toString('latin1');
