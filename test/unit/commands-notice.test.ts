import { expect, it } from 'vitest';
import { wrapped } from '../../src/session/notice-wrap.ts';

it('sentences to the user are broken at blanks, wide characters counting two', () => {
  expect(wrapped('Refused by eve; it does not run.', 80)).toBe('Refused by eve; it does not run.');
  expect(wrapped('Refused by eve; it does not run.', 16)).toBe('Refused by eve;\r\nit does not run.');
  expect(wrapped('Refused by eve; it does not run.', 15)).toBe('Refused by eve;\r\nit does not\r\nrun.');
  expect(wrapped('漢字 漢字 e\u0301e\u0301', 9)).toBe('漢字 漢字\r\ne\u0301e\u0301');
  expect(wrapped('漢字 漢字', 8)).toBe('漢字\r\n漢字');
  expect(wrapped('a longerthanthat b', 5)).toBe('a\r\nlongerthanthat\r\nb');
});
