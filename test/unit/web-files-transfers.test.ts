import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { Download } from '../../src/gateways/web/files/download.ts';
import { PIECE, UNDER_WAY, Upload } from '../../src/gateways/web/files/upload.ts';
import { STATUS, TYPE } from '../../src/kernel/sftp/wire.ts';
import { Seeded } from '../kit/seeded.ts';
import { PlayedServer, type Request, tell } from './web-files-kit.ts';

const HANDLE = Buffer.from('h');
const HALF_WAY = PIECE * 40 + 12_345;

/** A server with a file; `shorter` makes it give less than was asked for. */
async function serving(bytes: Buffer, shorter = (length: number) => length) {
  const server = await PlayedServer.greeted();
  const asked: number[] = [];
  const state = { bytes, asked };
  server.answer = ({ id, fields }) => {
    fields.string();
    const at = fields.uint64();
    const piece = state.bytes.subarray(at, at + shorter(fields.uint32()));
    asked.push(at);
    return piece.length > 0 ? tell.data(id, piece) : tell.status(id, STATUS.eof);
  };
  return { server, state };
}

async function all(stream: Readable): Promise<Buffer> {
  return Buffer.concat(await stream.toArray());
}

test('a file comes whole and in order, asked for well ahead', async () => {
  const bytes = new Seeded(3).bytes(HALF_WAY);
  const { server, state } = await serving(bytes);
  const from = 77;
  const first = bytes.subarray(from, from + PIECE);
  const stream = new Download(server.client, HANDLE, from, bytes.length, first);
  expect((await all(stream)).equals(bytes.subarray(from))).toBe(true);
  expect(state.asked).toEqual(Array.from({ length: 40 }, (_, n) => from + PIECE * (n + 1)));
  expect(stream.complete).toBe(true);
});

test('nobody reads: no more is asked for than may wait', async () => {
  const bytes = Buffer.alloc(PIECE * 500);
  const { server, state } = await serving(bytes);
  const stream = new Download(server.client, HANDLE, 0, bytes.length, bytes.subarray(0, PIECE));
  stream.read(0);
  for (let i = 0; i < 50; i++) await server.turn();
  expect(state.asked.length).toBeLessThanOrEqual(UNDER_WAY);
  stream.destroy();
});

test('a server that gives less than was asked for is asked for the rest', async () => {
  const bytes = new Seeded(5).bytes(HALF_WAY);
  const { server } = await serving(bytes, (length) => Math.max(1, length - 1000));
  const stream = new Download(server.client, HANDLE, 0, bytes.length, bytes.subarray(0, PIECE));
  expect((await all(stream)).equals(bytes)).toBe(true);
});

test('a file that has become shorter breaks off; what it grew by is left out', async () => {
  const bytes = new Seeded(6).bytes(HALF_WAY);
  const { server } = await serving(bytes.subarray(0, PIECE * 20));
  const stream = new Download(server.client, HANDLE, 0, bytes.length, bytes.subarray(0, PIECE));
  await expect(all(stream)).rejects.toThrow('shorter');
  expect(stream.complete).toBe(true);
  const grown = await serving(Buffer.concat([bytes, bytes]));
  const whole = new Download(grown.server.client, HANDLE, 0, bytes.length, bytes.subarray(0, PIECE));
  expect((await all(whole)).equals(bytes)).toBe(true);
});

test('a file without a size is read to its end, piece by piece', async () => {
  const bytes = new Seeded(8).bytes(PIECE * 3 + 5);
  const { server, state } = await serving(bytes, () => 4000);
  const stream = new Download(server.client, HANDLE, 0, undefined, bytes.subarray(0, 4000));
  expect((await all(stream)).equals(bytes)).toBe(true);
  expect(state.asked).toEqual([...state.asked].sort((a, b) => a - b));
  expect(await all(new Download(server.client, HANDLE, 0, undefined, undefined))).toHaveLength(0);
});

test('a failure in the middle destroys the stream with the words of the target', async () => {
  const server = await PlayedServer.greeted();
  server.answer = ({ id }) => tell.status(id, STATUS.failure, 'disk on fire');
  const stream = new Download(server.client, HANDLE, 0, PIECE * 3, Buffer.alloc(PIECE));
  await expect(all(stream)).rejects.toThrow('disk on fire');
});

test('an upload waits for the answers, and every byte is where it belongs', async () => {
  const server = await PlayedServer.greeted();
  const bytes = new Seeded(9).bytes(PIECE * 50 + 3);
  const there = Buffer.alloc(100 + bytes.length);
  const write = ({ type, id, fields }: Request) => {
    expect(type).toBe(TYPE.write);
    fields.string();
    const at = fields.uint64();
    fields.string().copy(there, at);
    return tell.ok(id);
  };
  const upload = new Upload(server.client, HANDLE, 100);
  const done = pipeline(Readable.from(new Seeded(10).pieces(bytes, 200_000)), upload);
  for (let i = 0; i < 20; i++) await server.turn();
  // nothing is answered yet: the window is full, and the rest of it waits outside
  expect(server.asked).toHaveLength(UNDER_WAY);
  server.answer = write;
  for (const request of server.asked.splice(0)) server.say(write(request));
  await done;
  expect(there.subarray(100).equals(bytes)).toBe(true);
});

test('an upload that the target does not take fails with its words, and nothing stays under way', async () => {
  const server = await PlayedServer.greeted();
  let count = 0;
  server.answer = ({ id }) => (count++ < 5 ? tell.ok(id) : tell.status(id, STATUS.failure, 'no space left'));
  const upload = new Upload(server.client, HANDLE, 0);
  const body = Readable.from([Buffer.alloc(PIECE * 100), Buffer.alloc(PIECE * 100)]);
  await expect(pipeline(body, upload)).rejects.toThrow('no space left');
  await upload.idle();
  expect(count).toBeLessThan(100);
});

test('a body that breaks off leaves what came, and the file idle', async () => {
  const server = await PlayedServer.greeted();
  let written = 0;
  server.answer = ({ id, fields }) => {
    fields.string();
    fields.uint64();
    written += fields.string().length;
    return tell.ok(id);
  };
  const body = new Readable({ read() {} });
  const upload = new Upload(server.client, HANDLE, 0);
  const done = pipeline(body, upload);
  body.push(Buffer.alloc(PIECE * 3));
  for (let i = 0; i < 10; i++) await server.turn();
  body.destroy(new Error('cut'));
  await expect(done).rejects.toThrow('cut');
  await upload.idle();
  expect([written, upload.failure]).toEqual([PIECE * 3, undefined]);
});
