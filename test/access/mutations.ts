import type { Mutation } from './mutation.ts';
import { OF_ACCESS } from './mutations-access.ts';
import { OF_DOORS } from './mutations-doors.ts';
import { OF_FILES } from './mutations-files.ts';
import { OF_SESSIONS } from './mutations-session.ts';
import { OF_SHARING } from './mutations-sharing.ts';
import { OF_SIGN_IN } from './mutations-sign-in.ts';
import { OF_WEB } from './mutations-web.ts';

/** Every guard with the test that would notice its loss. */
export const MUTATIONS: readonly Mutation[] = [
  ...OF_ACCESS,
  ...OF_SESSIONS,
  ...OF_SHARING,
  ...OF_DOORS,
  ...OF_SIGN_IN,
  ...OF_WEB,
  ...OF_FILES,
];

/** Calls that decide: each stands within a mutation, or has a reason here. */
export const DECIDING =
  /\bmay\((?!\w+: )|Grant\.isGrant\(|refuse\.missing\(|\.authorize\(|(?<!function )isAllowed\(|: allows\(/g;
export const EXEMPT: Readonly<Record<string, string>> = {
  'src/gateways/ssh/opening.ts': 'what it is answered is a mutation',
  'src/gateways/web/files/file-door.ts': 'without a grant the registry opens nothing',
  'src/gateways/web/terminal/terminal.ts': 'what it is answered is a mutation',
  'src/gateways/ssh/forward.ts': 'what it is answered is a mutation',
  'src/gateways/ssh/tree/serve.ts': 'without a grant the registry opens nothing',
  'src/access/roles.ts': 'the definition',
  'src/session/pump.ts': 'the interface',
  'src/session/zmodem/host.ts': 'the interface',
  'src/session/files/exchange-host.ts': 'the interface',
  'src/session/terminal-pump.ts': 'hands the question on',
  'src/session/files/files-pump.ts': 'hands the question on',
  'src/session/session.ts': 'the answer is that of session/limits.ts',
};
