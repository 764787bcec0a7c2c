import { SftpRelay } from '../../kernel/sftp/relay.ts';
import {
  GIVEN_UP,
  packet,
  SFTP_VERSION,
  SftpError,
  SftpReader,
  STATUS,
  statusPacket,
  string,
  TYPE,
} from '../../kernel/sftp/wire.ts';
import { missingText } from '../missing-right.ts';
import type { ExchangeHost } from './exchange-host.ts';
import { type Flow, OpenFile } from './open-file.ts';
import { OpenFiles } from './open-files.ts';
import { OwnFiles } from './own-files.ts';
import { Refusals } from './refusals.ts';
import { type Request, readRequest } from './requests.ts';
import { LOOK, neededToOpen, READ, WRITE } from './rights.ts';
import { failureOf, isEnd, pathText, purposeOf } from './sentences.ts';

/** Beyond as many unanswered requests the client is to wait. */
const MOST_UNANSWERED = 4096;
/** What is done with the answer to a request that went on. False: it does not reach the client. */
type Answered = (type: number, answer: Buffer) => boolean;
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
  readonly #files: OpenFiles;
  readonly #own = new OwnFiles();
  readonly #refuse: Refusals;
  /** Whose payload passes. */
  #writing: Flow | undefined;
  #reading: Flow | undefined;
  #asked = false;
  #greeted = false;

  constructor(host: ExchangeHost) {
    this.#host = host;
    this.#files = new OpenFiles(host);
    this.#refuse = new Refusals(host, (packet) => this.#answers.inject(packet));
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
    this.#files.end(why);
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
        if (type === TYPE.extended && this.#host.method === 'web' && this.#givenUp(id, head)) return false;
        return this.#other(
          id,
          readRequest(type, head, (handle) => this.#files.get(handle)),
        );
    }
  }

  /** Whether a file is given up, which the target need not know. */
  #givenUp(id: number, head: Buffer): boolean {
    const fields = new SftpReader(head, 9);
    if (fields.string().toString('latin1') !== GIVEN_UP) return false;
    this.#files.get(fields.string())?.givenUp();
    this.#answers.inject(statusPacket(id, STATUS.ok, ''));
    return true;
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
    const file = this.#files.get(fields.string());
    if (!file) return this.#refuse.handle(id);
    const flow = file.flow('download');
    const doing = `read ${file.path}`;
    const missing = this.#refuse.missing(READ);
    if (missing) return this.#refuse.piece(id, missing, doing, flow);
    const offset = fields.uint64();
    this.#unanswered.set(id, (type, answer) => {
      if (type === TYPE.data) {
        // many may be under way when the right is taken away
        const missing = this.#refuse.missing(READ);
        if (missing) return this.#refuse.piece(id, missing, doing, flow);
        this.#reading = flow;
        flow.at(offset);
      } else if (!isEnd(type, answer)) flow.failed(failureOf(type, answer));
      return true;
    });
    return true;
  }

  #write(id: number, head: Buffer): boolean {
    const fields = new SftpReader(head, 9);
    const file = this.#files.get(fields.string());
    if (!file) return this.#refuse.handle(id);
    const flow = file.flow('upload');
    const missing = this.#refuse.missing(WRITE);
    if (missing) return this.#refuse.piece(id, missing, `write ${file.path}`, flow);
    flow.at(fields.uint64());
    this.#writing = flow;
    this.#unanswered.set(id, (type, answer) => {
      flow.failed(failureOf(type, answer));
      return true;
    });
    return true;
  }

  #open(id: number, head: Buffer): boolean {
    const fields = new SftpReader(head, 9);
    const name = fields.string();
    const flags = fields.uint32();
    const file = new OpenFile(pathText(name), flags, this.#host.now());
    const doing = `open ${file.path} to ${purposeOf(flags)}`;
    const missing = this.#refuse.missing(neededToOpen(flags));
    if (missing) {
      this.#files.denied(file, missing === 'download' ? 'download' : 'upload', missingText(missing));
      return this.#refuse.action(id, missing, doing);
    }
    return this.#openAs(id, file, doing, () => this.#own.opened(name, flags));
  }

  #opendir(id: number, head: Buffer): boolean {
    const directory = new OpenFile(pathText(new SftpReader(head, 9).string()), null, this.#host.now());
    const doing = `list ${directory.path}`;
    const missing = this.#refuse.missing(LOOK);
    if (missing) return this.#refuse.action(id, missing, doing);
    return this.#openAs(id, directory, doing, () => {});
  }

  #openAs(id: number, file: OpenFile, doing: string, opened: () => void): boolean {
    if (this.#files.full) return this.#refuse.full(id);
    this.#files.opening();
    this.#unanswered.set(id, (type, answer) => {
      const handle = type === TYPE.handle ? new SftpReader(answer, 9).string() : undefined;
      this.#files.opened(file, handle);
      if (handle) opened();
      this.#host.tell(handle ? doing : `${doing}: ${failureOf(type, answer) ?? 'no handle'}`);
      return true;
    });
    return true;
  }

  /** Needs no right: what is open may always be closed. */
  #close(id: number, head: Buffer): boolean {
    const handle = new SftpReader(head, 9).string();
    const file = this.#files.get(handle);
    if (!file) return this.#refuse.handle(id);
    this.#files.closing(handle);
    this.#unanswered.set(id, (type, answer) => {
      const failure = failureOf(type, answer);
      this.#files.ended(file, failure === undefined ? undefined : { result: 'failed', detail: failure });
      return true;
    });
    return true;
  }

  #other(id: number, request: Request): boolean | Buffer {
    const { rename, doing, done, copy } = request;
    const missing = this.#refuse.missing(request.needs);
    const own = rename !== undefined && this.#own.has(rename.from);
    if (missing && !(missing === 'delete' && own)) {
      if (request.unknown) return this.#refuse.unknown(id, missing, doing ?? 'a request');
      return this.#refuse.action(id, missing, doing ?? 'look');
    }
    if (request.badHandle) return this.#refuse.handle(id);
    if (own) this.#own.remove(rename.from);
    if (copy) {
      copy.from.isSource = true;
      copy.to.flow('upload').copied(copy.from.path);
    }
    this.#unanswered.set(
      id,
      doing === undefined
        ? PASSED
        : (type, answer) => {
            const failure = failureOf(type, answer);
            if (own) this.#own.add(failure === undefined ? rename.to : rename.from);
            this.#host.tell(failure === undefined ? (done ?? doing) : `${doing}: ${failure}`);
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
    if (!answered(type, head)) return false;
    if (type === TYPE.data && !this.#reading) throw new SftpError('it sent data nobody asked for');
    return true;
  }

  #version(type: number, version: number): boolean {
    if (type !== TYPE.version) throw new SftpError('it did not begin with a version');
    this.#greeted = true;
    if (version !== SFTP_VERSION) throw new SftpError(`it speaks version ${version}, not ${SFTP_VERSION}`);
    return true;
  }
}
