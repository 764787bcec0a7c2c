/** Words of prompts that ask for a secret, in the languages of common systems. */
const WORDS = [
  'pass ?words?',
  'pass ?phrases?',
  'pass ?codes?',
  'p\\.?i\\.?n\\.?',
  'otp',
  'one[- ]time',
  'verification code',
  'authenticat(?:or|ion) code',
  '(?:login |secret |security |access )?code',
  'token',
  'secret',
  '(?:api |private |encryption |master )key',
  'credentials?',
  'pass-?wort',
  'kennwort',
  'mot de passe',
  'contrase(?:ñ|n|n\u0303)a',
  'clave',
  'senha',
  'palavra-passe',
  'parola',
  'wachtwoord',
  'has(?:ł|l)o',
  'heslo',
  'jelsz(?:ó|o)',
  'lösenord',
  'passord',
  'adgangskode',
  'salasana',
  'şifre',
  'пароль',
].join('|');
/** Written without spaces between words. */
const UNSPACED = '密码|密碼|口令|验证码|驗證碼|パスワード|暗証番号|암호|비밀번호';
const ASKS = `(?:(?:^|[^\\p{L}])(?:${WORDS})(?!\\p{L})|${UNSPACED})`;
const SECRET = new RegExp(`${ASKS}.{0,120}[:：?]\\s*$|${ASKS}\\s*$`, 'iu');

/** Whether what stands before the cursor asks for a secret: `Password:`, `[sudo] password for bob:`, `输入密码：`. */
export function asksForSecret(prompt: string): boolean {
  return SECRET.test(prompt.slice(-400));
}

/** What a program shows in place of a secret: one mark over and over. */
export function isMasked(text: string): boolean {
  return /^([*•●·∙⬤])\1*$/u.test(text);
}
