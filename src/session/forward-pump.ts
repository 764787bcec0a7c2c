import type { ClientSink, TargetSink } from '../kernel/channel.ts';
import { HOLD } from './holds.ts';
import { Pump } from './pump.ts';
import type { EndReason } from './types.ts';

/**
 * Carries a forwarded connection: bytes both ways by reference, and each way's end by itself, since many protocols say
 * "that was my request" with it. Locking stops both ways, losing nothing: what comes then waits in the channels, whose
 * windows bound it. There is no place for a word of ours.
 */
export class ForwardPump extends Pump {
  #attached = false;
  #clientEndedFirst = false;
  #targetEnded = false;

  override attach(): void {
    super.attach();
    this.#attached = true;
    // a channel forgets at its attaching that it was paused
    if (this.locked) this.#hold();
  }

  notice(): void {}
  farewell(): void {}

  lock(): void {
    this.locked = true;
    if (this.#attached) this.#hold();
  }

  unlock(): void {
    this.locked = false;
    this.clientHolds.release(HOLD.lock);
    this.targetHolds.release(HOLD.lock);
  }

  /** What went on its way to the client before the end still arrives there. */
  override finish(_reason: EndReason): void {
    if (this.done) return;
    this.done = true;
    this.host.client.close();
    this.host.target.close();
  }

  protected clientSink(): ClientSink {
    const { target, bytes } = this.host;
    return {
      data: (chunk) => {
        if (this.done) return;
        bytes.in += chunk.length;
        if (!target.write(chunk)) this.clientHolds.hold(HOLD.slowReader);
      },
      drain: () => this.targetHolds.release(HOLD.slowReader),
      eof: () => {
        this.#clientEndedFirst = !this.#targetEnded;
        target.eof();
      },
      resize: () => {},
      signal: () => {},
      closed: () => this.clientClosed(),
    };
  }

  protected targetSink(): TargetSink {
    const { client, bytes } = this.host;
    return {
      data: (chunk) => {
        if (this.done) return;
        bytes.out += chunk.length;
        if (!client.write(chunk)) this.targetHolds.hold(HOLD.slowReader);
      },
      stderr: () => {},
      drain: () => this.clientHolds.release(HOLD.slowReader),
      eof: () => {
        this.#targetEnded = true;
        client.eof();
      },
      exit: () => {},
      // a target closes as soon as both ways have ended: who ended first is who left
      closed: (error) => {
        if (this.#clientEndedFirst && !error) this.clientClosed();
        else this.targetClosed(error);
      },
    };
  }

  #hold(): void {
    this.clientHolds.hold(HOLD.lock);
    this.targetHolds.hold(HOLD.lock);
  }
}
