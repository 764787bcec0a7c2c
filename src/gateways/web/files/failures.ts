import { AppError } from '../../../kernel/errors.ts';
import { printable } from '../../../kernel/printable.ts';
import { SftpError, STATUS } from '../../../kernel/sftp/wire.ts';
import { LOST, SftpFailure } from './sftp-client.ts';

/** Why something did not work with the files of one account, in sentences. */
export class Explain {
  readonly #asset: string;
  readonly #login: string;

  constructor(asset: string, login: string) {
    this.#asset = printable(asset);
    this.#login = printable(login);
  }

  /** Whatever was thrown, told in terms of the path that was asked for. */
  error(error: unknown, path: string | undefined): unknown {
    if (error instanceof SftpError) return this.#noSftp(error.message);
    if (!(error instanceof SftpFailure)) return error;
    const at = path === undefined ? '' : ` (${shown(path)})`;
    switch (error.code) {
      case LOST:
        return new AppError('target_closed', `The files of ${this.#asset} were closed: ${stopped(error.message)}`);
      case STATUS.noSuchFile:
        return new AppError('not_found', `${this.#asset} has no such file or folder${at}.`);
      case STATUS.permissionDenied:
        return new AppError('forbidden', this.#denied(error.message, at));
      case STATUS.unsupported:
        return new AppError('unsupported', `${this.#asset} cannot do that${at}.`);
      default:
        return new AppError('target_refused', `${this.#asset} could not do that${at}: ${stopped(error.message)}`);
    }
  }

  /** Whether a right is missing, the bastion's or the target's. */
  isRefusal(error: unknown): boolean {
    return error instanceof SftpFailure && (error.code === STATUS.permissionDenied || error.code === LOST);
  }

  exists(path: string): AppError {
    return new AppError('conflict', `${shown(path)} is there already on ${this.#asset}.`, {
      details: { exists: true },
    });
  }

  shorter(path: string, size: number): AppError {
    const text = `${shown(path)} has only ${size} bytes on ${this.#asset}; begin there, or anew.`;
    return new AppError('conflict', text, { details: { size } });
  }

  noFile(path: string, folder: boolean): AppError {
    const what = folder ? 'is a folder' : 'is no regular file';
    return new AppError('invalid', `${shown(path)} on ${this.#asset} ${what}: choose a file.`);
  }

  /** A right of the bastion is told in its own words, one of the target as the target's. */
  #denied(text: string, at: string): string {
    if (text.startsWith('you may not ')) return stopped(`Y${text.slice(1)}`);
    return `The account ${this.#login} has no permission for that on ${this.#asset}${at}.`;
  }

  #noSftp(text: string): AppError {
    return new AppError('target_protocol', `What ${this.#asset} answers is no SFTP: ${stopped(text)}`);
  }
}

const shown = (path: string) => printable(path, 200);

/** With a full stop at its end. */
function stopped(text: string): string {
  const sentence = text === '' ? 'it gave no reason' : text;
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
