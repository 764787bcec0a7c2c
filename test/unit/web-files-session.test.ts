import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { FilesSession } from '../../src/gateways/web/files/files-session.ts';
import { STATUS, TYPE } from '../../src/kernel/sftp/wire.ts';
import type { LiveSession } from '../../src/session/types.ts';
import { FILE, PlayedServer, type Request, tell } from './web-files-kit.ts';

const MINUTE = 60_000;
const SIZE = 5 * 32 * 1024;

/** A target with one file of zeros, `/f`. */
function file({ type, id, fields }: Request): Buffer {
  if (type === TYPE.stat || type === TYPE.fstat || type === TYPE.lstat) return tell.attrs(id, FILE, SIZE);
  if (type === TYPE.open) return tell.handle(id);
  if (type !== TYPE.read) return tell.ok(id);
  fields.string();
  const length = Math.min(SIZE - fields.uint64(), fields.uint32());
  return length > 0 ? tell.data(id, Buffer.alloc(length)) : tell.status(id, STATUS.eof);
}

async function opened() {
  const server = await PlayedServer.greeted();
  const ends: string[] = [];
  const session = {
    id: 's',
    locked: false,
    grant: { asset: { name: 'web1' }, login: 'root', limits: { actions: new Set(['connect']) } },
    end: async ({ cause }: { cause: string }) => {
      ends.push(cause);
    },
  } as unknown as LiveSession;
  server.answer = file;
  return { server, ends, files: new FilesSession(session, server.client, server.clock) };
}

test('two minutes after its last call it is closed', async () => {
  const { server, ends, files } = await opened();
  await files.show('/f');
  server.clock.advance(1.9 * MINUTE);
  await files.show('/f');
  server.clock.advance(1.9 * MINUTE);
  expect(ends).toEqual([]);
  server.clock.advance(0.2 * MINUTE);
  expect(ends).toEqual(['client-closed']);
});

test('not while a file is on its way', async () => {
  const { server, ends, files } = await opened();
  const { stream, size } = await files.download('/f', 0);
  expect(size).toBe(SIZE);
  server.clock.advance(30 * MINUTE);
  expect(ends).toEqual([]);
  expect(Buffer.concat(await stream.toArray())).toHaveLength(SIZE);
  for (let i = 0; i < 5; i++) await server.turn();
  server.clock.advance(2.1 * MINUTE);
  expect(ends).toEqual(['client-closed']);
});

test('so many things at once and no more; a failed call makes room again', async () => {
  const { server, files } = await opened();
  server.answer = undefined;
  const calls = Array.from({ length: 16 }, () => files.show('/f'));
  await expect(files.show('/f')).rejects.toMatchObject({ code: 'rate_limited' });
  await server.turn();
  for (const { id } of server.asked) server.say(tell.status(id, STATUS.noSuchFile));
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'not_found' });
  server.answer = file;
  expect(await files.show('/f')).toMatchObject({ name: 'f', size: SIZE });
});

test('its end reaches those who wait for nothing from the target', async () => {
  const { server, files } = await opened();
  const { stream } = await files.download('/f', 0);
  server.answer = ({ type, id }) => (type === TYPE.stat ? tell.attrs(id, FILE, 0) : tell.handle(id));
  const upload = files.upload('/f', 0, false, new Readable({ read() {} }));
  upload.catch(() => {});
  for (let i = 0; i < 5; i++) await server.turn();
  const broken = new Promise((resolve) => stream.once('error', resolve));
  files.ended('terminated');
  await expect(upload).rejects.toMatchObject({ code: 'target_closed', message: expect.stringContaining('terminated') });
  expect(await broken).toMatchObject({ message: 'terminated' });
});

test('the target cannot speak in the words of the bastion by accident', async () => {
  const { server, files } = await opened();
  server.answer = ({ id }) => tell.status(id, STATUS.permissionDenied, 'Permission denied');
  await expect(files.show('/f')).rejects.toMatchObject({
    code: 'forbidden',
    message: 'The account root has no permission for that on web1 (/f).',
  });
  server.answer = ({ id }) => tell.status(id, STATUS.failure, 'No space\u001b[2J left on device');
  await expect(files.show('/f')).rejects.toMatchObject({
    code: 'target_refused',
    message: 'web1 could not do that (/f): No space?[2J left on device.',
  });
});
