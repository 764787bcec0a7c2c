import { AppError } from '../kernel/errors.ts';
import type { Program } from '../kernel/program.ts';
import type { Account } from '../store/model.ts';
import type { AgentLogin } from './agent-login.ts';
import type { Credential } from './credentials.ts';
import { authError, type Peer } from './errors.ts';

/** The target did not let the login in: what to look at depends on what it was shown. */
export function refusedError(peer: Peer, credential: Credential, cause: unknown): AppError {
  if (credential.kind === 'none') return authError(peer, cause, 'wants a secret, and none is stored,');
  if (credential.kind === 'agent') return agentRefusedError(peer, credential.login, cause);
  if (credential.kind !== 'certificate') return authError(peer, cause);
  return new AppError(
    'target_auth',
    `${peer.name} did not accept the bastion's certificate for ${peer.login}: put the line of \`bastion ca show user\` into the file that its sshd_config names as TrustedUserCAKeys, and check that ${peer.login} exists there and its clock is right.`,
    { cause },
  );
}

function agentRefusedError(peer: Peer, login: AgentLogin, cause: unknown): AppError {
  const fail = (text: string) => new AppError('target_auth', text, { cause });
  if (login.refusal) return login.refusal;
  if (login.offered === undefined)
    return fail(
      `${peer.name} is entered with your own key, and your SSH agent could not be asked: connect again with ssh -A.`,
    );
  if (login.offered === 0)
    return fail(
      `${peer.name} is entered with your own key, and your SSH agent holds none: add it with ssh-add and connect again with ssh -A.`,
    );
  const keys = login.offered === 1 ? 'the key' : `any of the first ${login.offered} keys`;
  return fail(
    `${peer.name} did not accept ${keys} of your SSH agent for ${peer.login}: your public key must stand in ~/.ssh/authorized_keys of ${peer.login} there, and your agent must sign with it (ssh-add -l lists what it holds).`,
  );
}

/** The person's agent takes too long: a confirmation nobody gave, a security key nobody touched. */
export function agentSilentError(peer: Peer): AppError {
  return new AppError(
    'target_auth',
    `Your SSH agent did not answer in time, so ${peer.name} could not be entered: confirm there when it asks, and connect again with ssh -A.`,
  );
}

/** There is no agent to ask. Clients ask for its forwarding with a session, so a connection without one has none. */
export function agentNeeded({ assetName, login }: Account, program: Program): AppError {
  const how =
    program.kind === 'forward'
      ? 'connect with ssh -A, and run a command or shell on the same connection first'
      : 'connect with ssh -A (and see with ssh-add -l that your agent holds the key)';
  return new AppError('target_auth', `${assetName} is entered as ${login} with your own key: ${how}.`);
}
