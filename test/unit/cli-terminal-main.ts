import { runCli } from '../../src/cli/cli.ts';
import { backendWith } from './cli-backend.ts';

// The command line in a process of its own, for tests that give it a terminal: DATA ARGS…
const [data, ...args] = process.argv.slice(2);
const offline = () => Promise.reject(new Error('no daemon in this test'));
process.exitCode = await runCli(args, backendWith(offline, data!));
