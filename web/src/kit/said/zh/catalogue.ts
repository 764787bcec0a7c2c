import { type Catalogue, sayer } from '../catalogue.ts';
import { access } from './access.ts';
import { auth } from './auth.ts';
import { evidence } from './evidence.ts';
import { files } from './files.ts';
import { inventory } from './inventory.ts';
import { keys } from './keys.ts';
import { requests } from './requests.ts';
import { schema } from './schema.ts';
import { sessions } from './sessions.ts';
import { targets } from './targets.ts';
import { words } from './words.ts';

/** Simplified Chinese, by what the sentences are about. */
export const catalogue: Catalogue = {
  sentences: {
    ...access,
    ...auth,
    ...evidence,
    ...files,
    ...inventory,
    ...keys,
    ...requests,
    ...schema,
    ...sessions,
    ...targets,
  },
  words,
};

export const say = sayer(catalogue);
