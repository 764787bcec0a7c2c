import type { Secret } from '../kernel/secret.ts';
import type { Ticket } from '../store/model.ts';
import type { Identity } from './identity.ts';

export type Method = 'publickey' | 'password' | 'keyboard-interactive';

export interface Prompt {
  readonly text: string;
  readonly echo: boolean;
}

/** What one step of a login came to. */
export type Step =
  | {
      readonly kind: 'done';
      readonly identity: Identity;
      /** The one-time ticket that stood for the login: it is for nothing else. */
      readonly ticket?: Ticket | undefined;
    }
  /** This factor was right and another is needed: SSH's "partial success". */
  | { readonly kind: 'more'; readonly methods: readonly Method[] }
  /** Not right, and not said why (the reason is in the audit). */
  | {
      readonly kind: 'no';
      readonly methods: readonly Method[];
      /** Not judged at all: too many failures before it, or too much at once. Names nobody has are treated alike. */
      readonly unjudged?: 'locked' | 'busy' | undefined;
    }
  /** keyboard-interactive: ask this, then call `keyboardAnswer`. */
  | {
      readonly kind: 'prompt';
      readonly title: string;
      readonly instructions: string;
      readonly prompts: readonly Prompt[];
      /** The same for a page that has words of its own. */
      readonly about: About;
    };

/** What a prompt asks for. `again`: the last code was wrong. */
export type About =
  | { readonly kind: 'password' }
  | { readonly kind: 'code' }
  | { readonly kind: 'enrolment'; readonly uri: string; readonly secretText: string; readonly again: boolean }
  | { readonly kind: 'recovery-codes'; readonly codes: readonly string[] };

/** A public-key proof as it came over the wire (RFC 4252 §7), in the shapes ssh2's authentication context has. */
export interface KeyProof {
  /** The algorithm name of the request as the client sent it. */
  readonly algorithm: string;
  /** For RSA `sha256` or `sha512`, as ssh2 derives it from the algorithm. */
  readonly hashAlgorithm: string | undefined;
  /** Public key or certificate, wire form. */
  readonly key: Buffer;
  readonly signature: Buffer;
  /** What was signed. */
  readonly signedData: Buffer;
}

/**
 * The state of one connection's login. Factors belong to one user name: a change of name forgets them all
 * (DESIGN §7.3). An unknown user gets the same answers in the same time as a known one. Calls must not overlap.
 */
export interface Login {
  /** What may be tried first for any name: the same for known and unknown users. */
  readonly methods: readonly Method[];
  /** Nothing but a name (RFC 4252 §5.2): enough only where the name itself is a one-time ticket. */
  none(userName: string): Promise<Step>;
  /** A key query without signature; a yes proves nothing. */
  keyAcceptable(userName: string, algorithm: string, key: Buffer): Promise<boolean>;
  publicKey(userName: string, proof: KeyProof): Promise<Step>;
  password(userName: string, password: Secret): Promise<Step>;
  keyboardStart(userName: string): Promise<Step>;
  keyboardAnswer(answers: readonly Secret[]): Promise<Step>;
}
