// A TCP relay that holds each chunk back: `node delay-proxy.ts TARGET_PORT MS` prints its port.
import { connect, createServer, type Socket } from 'node:net';

const [target, ms] = process.argv.slice(2).map(Number) as [number, number];

function delayed(from: Socket, to: Socket): void {
  from.on('data', (chunk) => setTimeout(() => to.destroyed || to.write(chunk), ms));
  from.on('end', () => setTimeout(() => to.end(), ms + 1));
  from.on('error', () => to.destroy());
}

const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  delayed(client, upstream);
  delayed(upstream, client);
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port));
