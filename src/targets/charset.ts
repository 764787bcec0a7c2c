import iconv from 'iconv-lite';
import type { TargetChannel } from '../kernel/channel.ts';
import { AppError } from '../kernel/errors.ts';

/**
 * A terminal channel whose target speaks another text encoding, e.g. GBK: its output becomes UTF-8, input becomes
 * its encoding. Characters split between chunks are put together. AppError `unsupported` for an unknown encoding.
 */
export function withCharset(target: TargetChannel, charset: string): TargetChannel {
  if (!iconv.encodingExists(charset)) {
    throw new AppError(
      'unsupported',
      `The text encoding ${charset} is not known: set another one with \`bastion asset set NAME --charset gbk\`.`,
    );
  }
  const out = translator(charset, 'utf8');
  const errors = translator(charset, 'utf8');
  const input = translator('utf8', charset);
  return {
    ...target,
    attach(sink) {
      target.attach({
        ...sink,
        data: (chunk) => {
          const text = out(chunk);
          if (text.length > 0) sink.data(text);
        },
        stderr: (chunk) => {
          const text = errors(chunk);
          if (text.length > 0) sink.stderr(text);
        },
      });
    },
    write: (chunk) => target.write(input(chunk)),
  };
}

function translator(from: string, to: string): (chunk: Buffer) => Buffer {
  const decoder = iconv.getDecoder(from, { stripBOM: false });
  const encoder = iconv.getEncoder(to, { addBOM: false });
  return (chunk) => encoder.write(decoder.write(chunk));
}
