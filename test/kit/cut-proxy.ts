import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A network between a browser and a daemon, which can hold up what is sent and can be cut. */
export interface CutProxy extends AsyncDisposable {
  readonly port: number;
  /** From now on every connection passes on so many bytes towards the daemon, and then no more. */
  holdAfter(bytes: number): void;
  /** Drops every connection there is, and each new one until `heal`. */
  cut(): void;
  /** Everything passes again. */
  heal(): void;
}

export async function startCutProxy(target: number): Promise<CutProxy> {
  const open = new Set<Socket>();
  let most = Number.POSITIVE_INFINITY;
  let broken = false;
  const server = createServer((near) => {
    if (broken) {
      near.destroy();
      return;
    }
    const far = connect(target, '127.0.0.1');
    let passed = 0;
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    far.pipe(near);
    near.on('data', (chunk) => {
      const part = chunk.subarray(0, Math.max(0, most - passed));
      passed += chunk.length;
      if (part.length < chunk.length) near.pause();
      if (!far.write(part)) near.pause();
    });
    far.on('drain', () => passed < most && near.resume());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    broken = true;
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    holdAfter(bytes) {
      most = bytes;
    },
    cut,
    heal() {
      broken = false;
      most = Number.POSITIVE_INFINITY;
    },
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
