import { expect, it } from 'vitest';
import { Attendance } from '../../web/src/kit/attendance.ts';

it('a page is alone a minute after the last sign of somebody, and no longer once there is another', () => {
  let now = 0;
  const attendance = new Attendance(() => now);
  const page = new EventTarget();
  attendance.follow(page);
  now = 59_999;
  expect(attendance.alone).toBe(false);
  now = 60_000;
  expect(attendance.alone).toBe(true);
  for (const sign of ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart', 'focus']) {
    page.dispatchEvent(new Event(sign));
    expect([sign, attendance.alone]).toEqual([sign, false]);
    now += 60_000;
    expect([sign, attendance.alone]).toEqual([sign, true]);
  }
  page.dispatchEvent(new Event('scroll'));
  expect(attendance.alone).toBe(true);
});
