import { z } from 'zod';
import { action, nothing, time } from './common.ts';
import { typedInput } from './connections.ts';
import { route } from './route.ts';

/** Absolute path on the target. */
const path = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => text.startsWith('/') && !text.includes('\0'), 'must be an absolute path');

const entry = z.object({
  name: z.string(),
  kind: z.enum(['file', 'folder', 'link', 'other']),
  /** Bytes; of a link those of what it leads to, null when it leads nowhere. */
  size: z.number().nullable(),
  /** Whether a link leads to a folder. */
  toFolder: z.boolean(),
  /** As in `ls -l`, e.g. `rwxr-xr-x`. */
  mode: z.string(),
  owner: z.string().nullable(),
  group: z.string().nullable(),
  modifiedAt: time.nullable(),
});
export type FileEntry = z.output<typeof entry>;

/**
 * The files of an asset over its SFTP server, as a session of use `files`: each call is judged by the rights of its
 * moment and written down like any other transfer. The session ends by DELETE, or two minutes after its last call.
 */
export const files = {
  open: route({
    method: 'POST',
    path: '/files',
    needs: 'self',
    summary: 'Open the files of an asset with a ticket for use `files`',
    body: z.strictObject({ ticket: z.string().min(1).max(256), input: typedInput.optional() }),
    response: z.object({
      /** Of the session, which is also what the other calls name. */
      id: z.string(),
      asset: z.string(),
      account: z.string(),
      home: z.string(),
      actions: z.array(action),
    }),
  }),
  list: route({
    method: 'GET',
    path: '/files/:id/list',
    needs: 'self',
    summary: 'What is in a folder, by name',
    query: z.strictObject({ path }),
    response: z.object({
      path: z.string(),
      entries: z.array(entry),
      /** There was more than is told here. */
      truncated: z.boolean(),
    }),
  }),
  download: route({
    method: 'GET',
    path: '/files/:id/content',
    needs: 'self',
    summary: 'The bytes of a file, from `offset` on; needs action download',
    query: z.strictObject({ path, offset: z.coerce.number().int().nonnegative().default(0) }),
    response: z.instanceof(Uint8Array),
    stream: 'bytes',
  }),
  upload: route({
    method: 'POST',
    path: '/files/:id/content',
    needs: 'self',
    summary:
      'Write the bytes of the body into a file from `offset` on; at 0 the file begins anew. Needs action upload. What was written before a cut stays, so that the rest can follow',
    query: z.strictObject({
      path,
      offset: z.coerce.number().int().nonnegative().default(0),
      /** Refuse to write over a file that is there; only for offset 0. */
      fresh: z.enum(['true', 'false']).default('false'),
    }),
    upload: true,
    response: z.object({ path: z.string(), size: z.number() }),
  }),
  show: route({
    method: 'GET',
    path: '/files/:id/entry',
    needs: 'self',
    summary: 'One file or folder',
    query: z.strictObject({ path }),
    response: entry,
  }),
  rename: route({
    method: 'POST',
    path: '/files/:id/rename',
    needs: 'self',
    summary: 'Rename or move a file or folder on the same machine',
    body: z.strictObject({ from: path, to: path }),
    response: nothing,
  }),
  makeFolder: route({
    method: 'POST',
    path: '/files/:id/folders',
    needs: 'self',
    summary: 'Make a folder; one that is there already is fine with `existing`',
    body: z.strictObject({ path, existing: z.boolean().default(false) }),
    response: nothing,
  }),
  remove: route({
    method: 'POST',
    path: '/files/:id/remove',
    needs: 'self',
    summary: 'Remove a file, a link or a folder with all that is in it; needs action delete',
    body: z.strictObject({ path }),
    response: z.object({ removed: z.number() }),
  }),
  close: route({
    method: 'DELETE',
    path: '/files/:id',
    needs: 'self',
    summary: 'Close the files of an asset',
    response: nothing,
  }),
};
