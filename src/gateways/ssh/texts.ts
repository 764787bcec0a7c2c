import { printable } from '../../kernel/printable.ts';
import { type Place, placeText } from '../../kernel/program.ts';

/** Every sentence this gateway says to people, in one place. */

const FORMS = 'user@asset, user@account@asset or user@protocol@account@asset';

export const TEXTS = {
  // before the login
  tooManyConnections: 'Too many connections are logging in just now; try again in a moment.',
  badIdentification: 'This is an SSH server; that was not an SSH client.',
  tooManyTries: 'Too many failed tries; connect again.',
  onlyPlainRequests: 'The login was interrupted; connect again.',
  loginFailed:
    'The bastion cannot carry out logins just now; its log says why (often a full disk). Ask an administrator.',

  // destinations
  destinationTooLong: `the name is too long; the forms are ${FORMS}`,
  destinationForm: `that names no destination; the forms are ${FORMS} (write an @ inside an account as %40)`,
  destinationCharacters: `the destination holds characters that cannot be part of a name; the forms are ${FORMS}`,
  destinationEncoding: 'the account holds a % sequence that is not UTF-8; write % itself as %25',
  destinationProtocol: (name: string) => `there is no protocol "${name}"; the form is user@protocol@account@asset`,

  innerAccount:
    'the account holds characters that cannot be part of a name, or is too long; the form inside a ProxyJump is account@asset',

  // what needs a destination or a terminal
  needsDestination: `say where to: ${FORMS} (the menu needs a terminal: ssh -t)`,
  chooseAccount: (forms: readonly string[]) => `several accounts are possible; say which: ${forms.join(', ')}`,
  inputNeedsTerminal: 'login and password of the target must be typed; connect with a terminal (ssh -t)',

  // dialogues
  account: 'Account',
  accountsOf: (asset: string) => `Accounts of ${asset}`,
  inputNote: 'type login and secret',
  login: 'Login',
  passwordOf: (login: string) => `Password of ${login}`,
  cancelled: 'cancelled',
  wrongThreeTimes: 'the target did not take the login and password',

  // while connecting
  connecting: (login: string, asset: string, seconds: string) => `Connecting to ${asset} as ${login} … ${seconds} s`,

  // refusals
  forwardNeedsAsset: (to: Place) =>
    to.kind === 'tcp'
      ? `${placeText(to)} is not the SSH port of an asset open to you, to jump to (-J); to forward there, say over which asset: user@asset or user@account@asset`
      : 'say over which asset to forward: user@asset or user@account@asset',
  forwardNeedsSecret: 'login and password of the target must be typed, so nothing can be forwarded over it',
  forwardHost: 'that is no host name or address',
  forwardPort: 'that is no port; ports go from 1 to 65535',
  forwardSocket: 'that is no socket; give its whole path, of at most 107 bytes',
  tooManyForwards: (max: number) =>
    `this connection has ${max} forwarded connections already; close some or connect again`,
  remoteForwardingRefused: 'remote port forwarding (-R) is not allowed on this bastion',
  agentStaysHere: (asset: string) =>
    `your SSH agent is not forwarded to ${asset}; it only enters targets whose account is your own key`,
  agentForbidden:
    'This target is entered with your own SSH agent, and the key or certificate you logged in with forbids agent forwarding: log in with another one.',
  tooManyChannels: (max: number) => `this connection has ${max} channels open already; close one or connect again`,
  channelType: 'only sessions and forwarded connections can be opened here',

  jumpAmbiguous: (host: string, names: readonly string[]) =>
    `several assets open to you have the address ${host}: ${names.join(', ')}; use the name of one`,

  tooManyJumps: (max: number) => `this connection has ${max} jumps open already; close one or connect again`,
  tooDeep: (max: number) => `more than ${max} jumps within one another are not possible; jump to fewer machines`,

  // tickets
  ticketOnce: 'a one-time ticket is for one session; get another one, or log in as yourself',
  ticketUse: (use: string) =>
    `this one-time ticket is for use ${use}; get one for what you want, or log in as yourself`,
  ticketAsset: 'the asset of this ticket was changed meanwhile; get another one',

  // endings
  accessEnded: 'Your access was ended; ask an administrator.',
  shuttingDown: 'The bastion is shutting down.',
} as const;

/** The one line of a refusal or failure. A terminal in raw mode needs the CR, a log of stderr does not. */
export function errorLine(message: string, terminal: boolean): string {
  return `bastion: ${printable(message)}${terminal ? '\r\n' : '\n'}`;
}
