/** Files of which no text reaches a page, and why. */
const FILES: ReadonlyMap<string, string> = new Map([
  ['api/browser.ts', 'headers'],
  ['api/docs.ts', 'the page of a build without documentation'],
  ['api/http-headers.ts', 'headers'],
  ['api/http-stream.ts', 'headers'],
  ['api/pages.ts', 'headers, and the page of a build without pages'],
  ['api/listen.ts', 'printed when it cannot start'],
  ['api/raw-answer.ts', 'answers to what no page sends'],
  ['api/static-files.ts', 'headers'],
  ['api/self-signed.ts', 'printed when it cannot start'],
  ['api/start-http.ts', 'printed when it cannot start'],
  ['api/openapi.ts', 'the documentation'],
  ['api/handlers/ssh-config-text.ts', 'comments in a file'],
  ['auth/common-passwords.ts', 'passwords'],
  ['auth/login-dialogue.ts', 'asked over SSH'],
  ['config/load.ts', 'printed when it cannot start'],
  ['config/reference.ts', 'the documentation'],
  ['config/schema.ts', 'printed when it cannot start'],
  ['kernel/addons.ts', 'printed when it cannot start'],
  ['kernel/ssh2/native.ts', 'printed when it cannot start'],
  ['session/commands/secret.ts', 'patterns'],
  ['session/exec-transfers/rsync-command.ts', 'stands in the place of a path'],
  ['session/exec-transfers/tar-command.ts', 'stands in the place of a path'],
  ['session/files/requests.ts', 'lines of a recording'],
  ['storage/cast.ts', 'lines of a recording'],
  ['store/lock.ts', 'printed when it cannot start'],
  ['store/look.ts', 'printed by the command line'],
  ['store/migrate.ts', 'printed when it cannot start'],
  ['store/master-key.ts', 'printed when it cannot start'],
  ['store/self-check.ts', 'printed by the command line'],
  ['store/sqlite.ts', 'printed when it cannot start'],
  ['store/upgrade-copy.ts', 'printed when it cannot start'],
  ['tasks/audit-file.ts', 'printed by the command line'],
]);

/** Where SQL stands as it is. */
const STATEMENTS = /^store\/(migrations\/|text\/database\.ts$)/;

/** Single texts that are none, or reach no page. */
const TEXTS: ReadonlySet<string> = new Set([
  // names, types of keys, patterns, headers
  '{0} UTC',
  '{0} GiB',
  '{0} MiB',
  '{0}.{1} of {2}',
  '{0} account {1} {2}',
  '{0} typed {1} {2}',
  '{0} via bastion, {1}',
  'grant {0}',
  'bastion {0}',
  'bastion {0} list',
  'bastion ca list',
  'bastion audit {0} 1',
  'bastion vault {0} 1',
  'bastion user key list USER',
  'user list',
  'group list',
  'asset list',
  'account list {0}',
  'permission list',
  'filter list',
  'ca list',
  'token list',
  'VS Code',
  'JetBrains Gateway',
  'Connection: close',
  'Bearer {0}',
  'by itself',
  'env -S',
  'env {0}',
  'find {0}',
  'change password',
  '{0} on {1}@{2}',
  'warning {0}',
  'ABRT ALRM FPE HUP ILL INT QUIT SEGV TERM USR1 USR2 KILL PIPE',
  'is not',
  'not in',
  'Too small',
  'Too big',
  // details of audit rows, which are shown as they were recorded
  'any address',
  'recovery codes',
  'the spool is gone',
  // lines of a recording, markers in it, and what a shell prints of them
  'only counts and hashes of the output',
  'bastion: {0}\n',
  'more than {0} commands: those that follow are not listed',
  'file transfer begins: scp {0} of {1}, {2} bytes',
  'file transfer: {0} {1} of {2}, {3} bytes{4}{5}{6}',
  'file transfer begins: zmodem {0} of {1}',
  'file transfer begins: zmodem {0} of {1}, {2} bytes',
  'file transfer: zmodem {0} of {1}, {2} bytes{3}{4}{5}',
  'read {0}',
  'write {0}',
  'open {0} to {1}',
  'list {0}',
  '{0}: no handle',
  'refused: {0} ({1})',
  'refused: {0} (not known here; {1})',
  'size {0}',
  'owner {0}:{1}',
  'mode {0}',
  '{0} of {1}: {2} after {3} bytes: {4}',
  'out of order',
  '{0}ed {1}, {2} bytes, {3}, partial',
  '{0}ed {1}, {2} bytes, {3}',
  'one picture of the screen a second',
  'recording limit reached: from here on {0}',
  'wrote {0}, {1} bytes, copied from {2} on the target',
  // printed when it cannot start
  'The master key {0} does not belong to this database. Put back the key that was used with it, or the database that was used with this key.',
  // mistakes of ours, which become "Something went wrong inside the bastion"
  'a forwarded connection is judged by where it goes',
  'a forwarded connection needs a place to go to',
  'the answer of {0} {1} breaks its contract',
  'the password thread ended with code {0}',
  'the recording is shorter than its index says',
  'the recording {0} is shorter than its index says',
  'the recording reads back as {0}, written was {1}',
  'the render thread was closed',
  'the render thread ended',
  'the render worker runs in a thread of its own',
  'the spool {0} has no readable header',
  'no such method: {0}.{1}',
  'no such method: outputs.{0}',
  'no sealed column {0}.{1}',
  'a key signs once',
  '"{0}" is not a name',
  'Malformed CHANNEL_OPEN packet',
  // over admin.sock alone
  'The master key is a credential of the service ({0}), which is not replaced from here. Stop the daemon, move the key to master.key in the data directory, and run this again without the credential; then make the new key the credential.',
  // written into the terminal, as over SSH
  ' What was typed behind it is dropped.',
  '{0} are not allowed here. Ask an administrator for the action {1}.',
  'Careful: the filter "{0}" warns about {1}. It runs all the same, and is noted.',
]);

export function isForNoPage(file: string, text: string): boolean {
  return FILES.has(file) || STATEMENTS.test(file) || TEXTS.has(text);
}

/** Frames around texts of which the catalogue has the whole: none is ever said alone. */
const FRAMES: ReadonlySet<string> = new Set([
  '{0} {1} for {2}{3}',
  'Nothing was imported: {0} wrong. Correct them and import again.',
  '{0} switched off.',
  '{0} on {1} {2}: choose a file.',
  'The permission would be for {0}; to suspend it use --inactive, or remove it.',
  'There is already {0} {1} {2}; choose another name.',
]);

const plain = (text: string) => text.replaceAll(/\{\d+\}/g, '{}');

/** Whether a text is only ever a part of sentences that the catalogue has as a whole. */
export function isPart(text: string, sentences: readonly string[]): boolean {
  return FRAMES.has(text) || sentences.some((sentence) => plain(sentence).includes(plain(text)));
}
