import type { About, Step } from './login-types.ts';
import type { Enrolment } from './totp.ts';

type Prompt = Extract<Step, { kind: 'prompt' }>;

/** The words of keyboard-interactive. Plain ASCII: clients show other characters as escapes. */
export function askPassword(): Prompt {
  return plain('Password: ', false, { kind: 'password' });
}

export function askCode(): Prompt {
  return plain('Verification code: ', true, { kind: 'code' });
}

export function askEnrolment(enrolment: Enrolment): Prompt {
  const first = 'A verification code is needed to log in here, and none is set up for you yet.';
  return enrolmentPrompt(enrolment, first, false);
}

export function askEnrolmentAgain(enrolment: Enrolment): Prompt {
  const first = 'That code is not right. Check the clock of your device and wait for the next code.';
  return enrolmentPrompt(enrolment, first, true);
}

export function showRecoveryCodes(codes: readonly string[]): Prompt {
  return {
    kind: 'prompt',
    title: 'Recovery codes',
    instructions: [
      'Verification codes are set up. Keep these recovery codes in a safe place:',
      'each replaces one verification code, once, when your device is lost.',
      '',
      ...codes.map((code) => `    ${code}`),
      '',
    ].join('\n'),
    prompts: [{ text: 'Press Enter when you have noted them: ', echo: true }],
    about: { kind: 'recovery-codes', codes },
  };
}

function plain(text: string, echo: boolean, about: About): Prompt {
  return { kind: 'prompt', title: '', instructions: '', prompts: [{ text, echo }], about };
}

function enrolmentPrompt(enrolment: Enrolment, first: string, again: boolean): Prompt {
  return {
    kind: 'prompt',
    title: 'Two-factor login',
    instructions: [
      first,
      'Add this account to an authenticator app, by its address or by its secret, then type the code it shows.',
      '',
      `    ${enrolment.uri}`,
      `    Secret: ${enrolment.secretText}`,
      '',
    ].join('\n'),
    prompts: [{ text: 'Verification code: ', echo: true }],
    about: { kind: 'enrolment', ...enrolment, again },
  };
}
