import { createBackend } from './app/backend.ts';
import { runCli } from './cli/cli.ts';

void runCli(process.argv.slice(2), createBackend()).then((code) => {
  process.exitCode = code;
});
