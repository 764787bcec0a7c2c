import { describe, expect, test } from 'vitest';
import { planOf } from '../../src/session/exec-transfers/plan.ts';
import { SecludedArguments } from '../../src/session/exec-transfers/rsync-command.ts';

/** `method direction path` of each transfer, and with `+delete` the right that it needs besides. */
function transfersIn(command: string): string[] {
  return planOf(command).transfers.map(({ method, direction, path, needs }) => {
    const more = needs.filter((action) => action !== direction);
    return `${method} ${direction} ${path}${more.map((action) => ` +${action}`).join('')}`;
  });
}

describe('which files a command moves', () => {
  test.each([
    ['scp -t /srv', ['scp upload /srv']],
    ['scp -v -r -p -d -t -- -odd', ['scp upload -odd']],
    ['/usr/bin/scp -prf /srv/data', ['scp download /srv/data']],
    ['scp -f a.txt "b c.txt"', ['scp download a.txt, b c.txt']],
    ['scp -f *.log', ['scp download *.log']],
    ["sudo -n -u www sh -c 'exec scp -qt /srv'", ['scp upload /srv']],
    ['env LANG=C nohup scp -t .', ['scp upload .']],
    ['\\scp -t .', ['scp upload .']],
    ['S=scp; $S -f x', ['scp download x']],
    ['/usr/bin/s?p -f x', ['scp download x']],
    ['true && { scp -f x; }', ['scp download x']],
    ['scp a b:c', []],
    ['echo scp -t x', []],

    ['rsync --server -vlogDtpre.iLsfxCIvu . /srv/', ['rsync upload /srv/']],
    ['rsync --server --sender -vlogDtpre.iLsfxCIvu . /srv /etc', ['rsync download /srv, /etc']],
    ['rsync --server -logDtpre.iLsfxCIvu --delete-during . x', ['rsync upload x +delete']],
    ['rsync --server -e.x --del . x', ['rsync upload x +delete']],
    ['rsync --server -e.x --partial-dir . --delete . x', ['rsync upload x +delete']],
    ['rsync --server --sender -e.x --remove-source-files . x', ['rsync download x +delete']],
    ["rsync --server -logDtpre.iLsfxCIvu . a\\ b\\'c", ["rsync upload a b'c"]],
    ['sudo rsync --server -e.x . x', ['rsync upload x']],
    ['rsync --server -se.LsfxCIvu', ['rsync upload (named on the connection)']],
    [
      'rsync --server --daemon .',
      ['rsync upload (a module of its daemon) +delete', 'rsync download (a module of its daemon) +delete'],
    ],
    ['rsync -a here there', []],

    ["git-upload-pack '/srv/it.git'", ['git download /srv/it.git']],
    ["git upload-pack --strict '/srv/it.git'", ['git download /srv/it.git']],
    ['git -c a=b -C /srv receive-pack it.git', ['git upload it.git']],
    ["git-receive-pack 'it.git'", ['git upload it.git']],
    ["git-upload-archive 'it.git'", ['git download it.git']],
    ['git pull', []],

    ['tar c /srv', ['tar download /srv']],
    ['tar czf - -C /srv a b', ['tar download /srv/a, /srv/b']],
    ['tar -c -f- .', ['tar download .']],
    ['tar --create --file=/dev/stdout x', ['tar download x']],
    ['tar --create --file - x', ['tar download x']],
    ['tar cf /proc/self/fd/1 x', ['tar download x']],
    ['tar cf /dev//./stdout x', ['tar download x']],
    ['tar cf /tmp/x.tar /srv', []],
    ['tar xf -', ['tar upload .']],
    ['tar -xzC /srv', ['tar upload /srv']],
    ['tar --extract --directory /srv', ['tar upload /srv']],
    ['bsdtar xpf - --strip-components 1', ['tar upload .']],
    ['tar xf /tmp/x.tar', []],
    ['tar xOf /tmp/x.tar', ['tar download /tmp/x.tar']],
    ['tar -xf /tmp/x.tar --to-stdout', ['tar download /tmp/x.tar']],
    ['tar xO', ['tar upload .', 'tar download .']],
    ['tar tf -', []],
    ['tar -c --files-from list', ['tar download (named in list)']],
    ['busybox tar c .', ['tar download .']],
    ['cd /srv && tar c . | gzip', ['tar download .']],
    ['tar c a | ssh other tar xC /b', ['tar download a', 'tar upload /b']],

    ['cat > x', []],
    ['dd of=x', []],
    ['ls', []],
  ])('%s', (command, transfers) => {
    expect(transfersIn(command)).toEqual(transfers);
  });

  test('what cannot be taken apart may be anything', () => {
    expect(planOf(`scp -t ${'x'.repeat(70_000)}`)).toEqual({
      transfers: [],
      needs: ['upload', 'download', 'delete'],
      carriesFiles: false,
    });
  });
});

describe('whether the output of a command is its files', () => {
  test.each([
    ['scp -f x', true],
    ['scp -t x', true],
    ["sudo sh -c 'cd /srv && exec tar c . | zstd -3'", true],
    ['git-upload-pack x', true],
    // the names of the files
    ['tar xvf -', false],
    // output of another command must not pass for a file
    ['tar c . ; cat /etc/passwd', false],
    ['tar c . | gzip; gzip -c /etc/passwd', false],
    ['tar c "$(cat /etc/passwd >&2)"', false],
    ['tar c . | $FILTER', false],
    ['scp -f x; sh', false],
    ['git upload-pack --strict x', true],
    ['rsync --server --sender -vlogDtpre.iLsfxCIvu --timeout=30 . a/*.txt', true],
    ['tar -czf - --exclude=.git -C /srv . 2>/dev/null', true],
    ['LANG=C /usr/bin/tar cf - x | gzip -9', true],
    ['sudo -n -u www busybox tar c x', true],
    // what goes in or out by a redirection
    ['cat </etc/shadow; tar c x', false],
    ['tar c x | gzip </etc/shadow', false],
    ['exec 3</etc/shadow; cat <&3; tar c x', false],
    ["sh -c $'cat \\x3c/etc/shadow; tar c x'", false],
    // programs of that name from elsewhere
    ['PATH=/tmp/x scp -f y', false],
    ["env $'PATH\\x3d/tmp/x' scp -f y", false],
    ['env -S "PATH=/tmp tar c x"', false],
    ['/tmp/x/scp -f y', false],
    ['/usr/../tmp/scp -f y', false],
    ['cd /tmp && ./tar c x', false],
    ['s?p -f x', false],
    ['scp() { id; }; scp -f x', false],
    ['bash -ic "tar c x"', false],
    ['su -s /tmp/x -c "tar c x"', false],
    // programs that these run
    ["tar -I 'sh -c id' -cf - x", false],
    ['tar -cf - x --checkpoint=1 --checkpoint-action=exec=id', false],
    ['tar --checkpoint-a=exec=id -cf - x', false],
    ['tar c *', false],
    ['tar c $X', false],
    ['tar cf - -T list', false],
    ['tar xOf x.tar passwd', false],
    ['TAR_OPTIONS=--checkpoint-action=exec=id tar c x', false],
    ["strace -o '|id' tar c x", false],
    ['git -c uploadpack.packObjectsHook=/tmp/x upload-pack .', false],
    ['git-receive-pack x', false],
    ['git-upload-archive x', false],
    ['rsync --server --daemon .', false],
    // what says something by itself
    ['set; tar c x', false],
    ['export -p; tar c x', false],
    ['xz -dc --files=/tmp/l; tar c x', false],
    // files that nobody follows one by one
    ['scp -f x; scp -f y', false],
  ])('%s: %s', (command, files) => {
    expect(planOf(command).carriesFiles).toBe(files);
  });
});

describe('arguments that an rsync is told on its standard input', () => {
  const sent = Buffer.from('rsync\0--delete\0.\0a b\0\0and what follows\0\0');

  test('in one piece and in pieces of one byte', () => {
    expect(new SecludedArguments().take(sent)).toEqual(['--delete', '.', 'a b']);
    const one = new SecludedArguments();
    const taken = [...sent].map((byte) => one.take(Buffer.of(byte))).find((args) => args !== undefined);
    expect(taken).toEqual(['--delete', '.', 'a b']);
  });

  test('too many are not gathered', () => {
    const one = new SecludedArguments();
    expect(one.take(Buffer.alloc(200_000, 'a'))).toBeUndefined();
    expect(one.take(Buffer.alloc(200_000, 'a'))).toBeNull();
  });
});
