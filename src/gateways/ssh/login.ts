import type { AuthContext, Connection, KeyboardAuthContext, PublicKeyAuthContext } from 'ssh2';
import type { Identity } from '../../auth/identity.ts';
import type { Login, Method, Step } from '../../auth/login-types.ts';
import { printable } from '../../kernel/printable.ts';
import { Secret } from '../../kernel/secret.ts';
import type { Ticket } from '../../store/model.ts';
import { type Destination, parseDestination } from './destination.ts';

/** Requests of every kind; how many tries may be wrong is the login's own affair. */
export const MAX_REQUESTS = 64;

export interface LoginEvents {
  /** The login succeeded; called just before the client learns it. */
  success(identity: Identity, destination: Destination, ticket: Ticket | undefined): void;
  /** The connection must end: too many tries, something the login cannot go on after, or a failure of ours. */
  giveUp(why: 'tries' | 'protocol' | 'failure'): void;
  failure(error: unknown): void;
  /** A factor was wrong; the client is told when this resolves. */
  refused(): Promise<void>;
}

/**
 * Hands ssh2's authentication requests to the login, one after the other: a client may send several at once, and may
 * break off a dialogue by sending something else, whose answer then counts for nothing.
 */
export function serveLogin(connection: Connection, login: Login, events: LoginEvents): void {
  let queue: Promise<void> = Promise.resolve();
  let requests = 0;
  let over = false;

  const giveUp = (why: 'tries' | 'protocol' | 'failure') => {
    if (over) return;
    over = true;
    events.giveUp(why);
  };

  // Nobody is there any more for whom it would be worth the work
  connection.on('close', () => {
    over = true;
  });
  connection.on('authentication', (ctx) => {
    let aborted = false;
    ctx.on('abort', () => {
      aborted = true;
    });
    if (++requests > MAX_REQUESTS) return giveUp('tries');
    queue = queue
      .then(async () => {
        if (over || aborted) return;
        await answer(ctx, () => aborted);
      })
      .catch((error: unknown) => {
        events.failure(error);
        giveUp('failure');
      });
  });

  async function answer(ctx: AuthContext, aborted: () => boolean): Promise<void> {
    const destination = parseDestination(ctx.username);
    switch (ctx.method) {
      case 'publickey':
        return answerKey(ctx, destination, aborted);
      case 'password':
        // An object is a password change, which nobody asked for
        if (typeof ctx.password !== 'string') return reject(ctx, login.methods);
        return settle(ctx, await login.password(destination.login, Secret.of(ctx.password)), destination, aborted);
      case 'keyboard-interactive':
        return converse(ctx, destination, aborted);
      case 'none':
        return answerNone(ctx, destination, aborted);
      default:
        return reject(ctx, login.methods);
    }
  }

  /** A login that offers nothing any more has used up its tries. */
  function reject(ctx: AuthContext, methods: readonly Method[]): void {
    if (methods.length === 0) giveUp('tries');
    else ctx.reject([...methods]);
  }

  /** Every client begins with it to learn the methods: only a ticket in the name's place is judged. */
  async function answerNone(ctx: AuthContext, destination: Destination, aborted: () => boolean): Promise<void> {
    const step = await login.none(destination.login);
    if (step.kind === 'done') await settle(ctx, step, destination, aborted);
    else reject(ctx, login.methods);
  }

  async function answerKey(ctx: PublicKeyAuthContext, destination: Destination, aborted: () => boolean): Promise<void> {
    const { algo, data } = ctx.key as { algo: unknown; data: unknown };
    const hashAlgorithm = ctx.hashAlgo as string | undefined;
    if (typeof algo !== 'string' || !Buffer.isBuffer(data)) return giveUp('protocol');
    // ssh2 names the key type; the client named the signature algorithm (RFC 8332)
    const algorithm = hashAlgorithm === undefined ? algo : `rsa-sha2-${hashAlgorithm.slice(3)}`;
    if (ctx.signature === undefined || ctx.blob === undefined) {
      const acceptable = await login.keyAcceptable(destination.login, algorithm, data);
      if (acceptable === true) ctx.accept();
      else reject(ctx, login.methods);
      return;
    }
    const proof = { algorithm, hashAlgorithm, key: data, signature: ctx.signature, signedData: ctx.blob };
    await settle(ctx, await login.publicKey(destination.login, proof), destination, aborted);
  }

  async function converse(ctx: KeyboardAuthContext, destination: Destination, aborted: () => boolean): Promise<void> {
    let step = await login.keyboardStart(destination.login);
    while (step.kind === 'prompt') {
      if (aborted()) return;
      const answers = await ask(ctx, step);
      if (answers === undefined) return;
      step = await login.keyboardAnswer(answers);
    }
    await settle(ctx, step, destination, aborted);
  }

  async function settle(ctx: AuthContext, step: Step, destination: Destination, aborted: () => boolean): Promise<void> {
    if (over) return;
    if (step.kind === 'done') {
      // The client went on to something else: whatever it proved, it is not waiting for this answer
      if (aborted()) return giveUp('protocol');
      over = true;
      events.success(step.identity, destination, step.ticket);
      ctx.accept();
    } else if (step.kind === 'more') {
      ctx.reject([...step.methods], true);
    } else {
      await events.refused();
      if (!over) reject(ctx, step.kind === 'no' ? step.methods : login.methods);
    }
  }
}

/** undefined: the client broke the dialogue off. */
function ask(ctx: KeyboardAuthContext, step: Extract<Step, { kind: 'prompt' }>): Promise<Secret[] | undefined> {
  const prompts = step.prompts.map(({ text, echo }) => ({ prompt: text, echo }));
  return new Promise((resolve) => {
    const done = (responses: unknown) => {
      if (!Array.isArray(responses)) return resolve(undefined);
      // A wrong number of answers (RFC 4256 §3.4 forbids it) counts as wrong answers
      const counts = responses.length === prompts.length;
      resolve(prompts.map((_, i) => Secret.of(counts ? String(responses[i]) : '')));
    };
    ctx.prompt(prompts, printable(step.title), step.instructions, done as (answers: string[]) => void);
  });
}
