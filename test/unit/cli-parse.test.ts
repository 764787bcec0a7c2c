import { describe, expect, test } from 'vitest';
import { readRows } from '../../src/cli/import-csv.ts';
import { formatTable } from '../../src/cli/output/table.ts';
import { clean, displayWidth, truncate } from '../../src/cli/output/text.ts';
import { byteSize, clockTime, relativeTime } from '../../src/cli/output/time.ts';
import { labelRecord, labels, list, parseDate, parseProtocol } from '../../src/cli/parse.ts';

const NOW = Date.UTC(2026, 5, 1, 12);

describe('dates', () => {
  test('a day counts from its start and to its end, in the zone of the machine', () => {
    expect(parseDate('2026-12-31', 'from', NOW)).toBe(new Date(2026, 11, 31).getTime());
    expect(parseDate('2026-12-31', 'until', NOW)).toBe(new Date(2026, 11, 31, 23, 59, 59, 999).getTime());
  });
  test('a moment, with and without zone', () => {
    expect(parseDate('2026-12-31T18:00:00Z', 'until', NOW)).toBe(Date.UTC(2026, 11, 31, 18));
    expect(parseDate('2026-12-31T18:00+08:00', 'until', NOW)).toBe(Date.UTC(2026, 11, 31, 10));
    expect(parseDate('2026-12-31 18:00', 'until', NOW)).toBe(new Date(2026, 11, 31, 18).getTime());
  });
  test('from now on, and none', () => {
    expect(parseDate('+8h', 'until', NOW)).toBe(NOW + 8 * 3_600_000);
    expect(parseDate('+30d', 'until', NOW)).toBe(NOW + 30 * 86_400_000);
    expect(parseDate('none', 'until', NOW)).toBeNull();
  });
  test.each(['', 'tomorrow', '2026-02-31', '2026-13-01', '+', '+5', '+3x', '31.12.2026', '2026-12-31T25:00'])(
    '%j is refused',
    (text) => {
      expect(() => parseDate(text, 'until', NOW)).toThrow(/is not a date/);
    },
  );
});

test('lists are repeated or have commas; labels may hold = in their value', () => {
  expect(list('b, c', list('a', undefined))).toEqual(['a', 'b', 'c']);
  expect(() => list('a,,b', undefined)).toThrow();
  expect(labelRecord(labels('env=prod,q=a=b', undefined))).toEqual({ env: 'prod', q: 'a=b' });
  expect(() => labels('prod', undefined)).toThrow(/key=value/);
});

test('protocols with and without port', () => {
  expect(parseProtocol('ssh')).toEqual({ name: 'ssh' });
  expect(parseProtocol('ssh:2222')).toEqual({ name: 'ssh', port: 2222 });
  for (const wrong of ['gopher', 'ssh:', 'ssh:0', 'ssh:65536', 'ssh:22:23', 'SSH:x'])
    expect(() => parseProtocol(wrong), wrong).toThrow();
});

describe('CSV', () => {
  test('columns in any order, aliases, several protocols and labels, a BOM, quotes with line breaks', () => {
    const { rows, problems } = readRows(
      '\ufeffName,Host,protocols,labels,login,comment,active\r\nweb1,10.0.0.1,ssh:2222 telnet,"env=prod, tier=1",root,"two\r\nlines",no\r\n\r\ndb1,db1.example,,,,,\r\n',
    );
    // a comment must be one line
    expect(problems).toEqual([{ line: 2, message: expect.stringMatching(/^comment: /) }]);
    expect(rows).toEqual([
      {
        line: 2,
        login: 'root',
        asset: {
          name: 'web1',
          address: '10.0.0.1',
          protocols: [{ name: 'ssh', port: 2222 }, { name: 'telnet' }],
          labels: { env: 'prod', tier: '1' },
          comment: 'two\nlines',
          active: false,
        },
      },
      { line: 5, login: undefined, asset: { name: 'db1', address: 'db1.example' } },
    ]);
  });
  test('every problem names its line', () => {
    const { problems } = readRows(
      'name,address,protocol\nok,10.0.0.1,ssh\nbad name,10.0.0.2,ssh\nx,10.0.0.3,gopher\ny,10.0.0.4\nOK,10.0.0.5,ssh\n',
    );
    expect(problems.map(({ line }) => line)).toEqual([3, 4, 5, 6]);
    expect(problems.map(({ message }) => message).join('\n')).toMatch(
      /name: .*\n"gopher" is no protocol.*\nhas 2 fields where the first line names 3\nthe name OK stands in line 2 already/,
    );
  });
  test('unknown columns, no columns, broken quotes', () => {
    expect(() => readRows('name,colour\n')).toThrow('line 1: unknown column "colour"');
    expect(() => readRows('address\n')).toThrow('line 1: the column "name" is missing');
    expect(() => readRows('')).toThrow('The file is empty');
    expect(() => readRows('name,address\nweb1,"10.0.0.1\n')).toThrow(/^line \d: this is not CSV/);
  });
});

describe('tables', () => {
  const rows = [
    { name: 'web1', note: 'short' },
    { name: '数据库', note: 'a rather long note about this machine' },
  ];
  const columns = [
    { title: 'NAME', value: (row: (typeof rows)[0]) => row.name },
    { title: 'EMPTY', value: () => '-' },
    { title: 'NOTE', value: (row: (typeof rows)[0]) => row.note, flexible: true },
  ];
  test('aligned by columns of the terminal, nothing cut in a pipe, columns without a value left out', () => {
    expect(formatTable(columns, rows, undefined)).toBe(
      'NAME    NOTE\nweb1    short\n数据库  a rather long note about this machine\n',
    );
  });
  test('cut to the width of a terminal', () => {
    for (const line of formatTable(columns, rows, 24).trimEnd().split('\n'))
      expect(displayWidth(line)).toBeLessThanOrEqual(24);
    expect(formatTable(columns, rows, 24)).toContain('a rather long n…');
  });
  test('what matters keeps its width while something else can be cut or left out', () => {
    const row = { user: 'alexandrina', how: 'screen', command: 'systemctl restart nginx' };
    const matters = [
      { title: 'USER', value: () => row.user, flexible: true },
      { title: 'COMMAND', value: () => row.command, flexible: true, least: 20 },
      { title: 'HOW', value: () => row.how, optional: true },
    ];
    expect(formatTable(matters, [row], 36)).toContain('\nalexa…  systemctl restart n…  screen\n');
    expect(formatTable(matters, [row], 30)).toContain('\nalexand…  systemctl restart n…\n');
    expect(formatTable(matters, [row], 22)).toContain('\nalexa…  systemctl res…\n');
  });
  test('control characters, C1 and direction marks go; widths know wide and combining characters', () => {
    expect(clean('a\u001b[31mb\u0007\u009b\u202ec\nd')).toBe('a[31mbc d');
    expect(displayWidth('e\u0301👩‍👩‍👧界')).toBe(5);
    expect(truncate('界界界', 4)).toBe('界…');
  });
});

test('times and sizes for people', () => {
  expect(relativeTime(NOW - 90_000, NOW)).toBe('1m ago');
  expect(relativeTime(NOW + 3 * 86_400_000 - 500, NOW)).toBe('in 3d');
  expect(relativeTime(NOW + 7.5 * 3_600_000, NOW)).toBe('in 7h');
  expect(relativeTime(NOW + 70_000, NOW)).toBe('in 1m');
  expect(relativeTime(NOW + 30_000, NOW)).toBe('in 30s');
  expect(clockTime(42_900)).toBe('0:42');
  expect(clockTime(11_264_000)).toBe('3:07:44');
  expect([0, 1023, 1536, 20 * 2 ** 20].map(byteSize)).toEqual(['0 B', '1023 B', '1.5 KiB', '20 MiB']);
});
