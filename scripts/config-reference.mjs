// Writes what is made from the schema of the configuration: config.example.yml, and the tables of docs/CONFIGURATION.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configExample, configReference } from '../src/config/reference.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const page = join(root, 'docs/CONFIGURATION.md');
const made = /(<!-- made from the schema: begin -->\n).*(?=<!-- end -->)/s;

writeFileSync(join(root, 'config.example.yml'), configExample());
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(made, (_all, begin) => `${begin}\n${configReference()}\n`),
);
