/** Signing in: passwords, codes, keys, links, tokens; and what the audit says of how a login came out. */
export const auth: Readonly<Record<string, string>> = {
  // signing in
  'Name or password is not right. Check both, capital letters too, and try again.':
    '用户名或密码不正确。请检查（注意大小写）后重试。',
  'Too many wrong passwords or codes for this name from your address. Wait a while, or ask an administrator to clear it (bastion lockout clear NAME).':
    '来自您地址的密码或验证码错误过多。请稍后再试，或联系管理员解除锁定（bastion lockout clear NAME）。',
  'Too many sign-ins from your network at once. Try again in a few seconds.':
    '您所在网络同时登录的次数过多，请几秒后重试。',
  'That code is not right. Check the clock of your device and give the code it shows now.':
    '验证码不正确。请检查设备时间，并输入当前显示的验证码。',
  'This code is not right: check the clock of the device and give the code it shows now.':
    '验证码不正确：请检查设备时间，并输入当前显示的验证码。',
  'This sign-in is over: begin again with your name and password.': '登录已超时或已失效，请重新输入用户名和密码。',
  'A verification code is needed to log in here, and none is set up for you yet.': '此处登录需要验证码，而您尚未设置。',
  'Passwords are switched off here (auth.password): log in over SSH with your key, and use the API with a token.':
    '此处已停用密码（auth.password）：请使用密钥通过 SSH 登录，使用令牌访问 API。',
  'Only a browser signs out. An API token ends when it is removed.': '只有浏览器需要退出登录。API 令牌在删除后失效。',
  'Signing in is for browsers, which send "{0}: 1". Programs use an API token (bastion token add USER); the owner of the machine needs neither.':
    '登录仅供浏览器使用（须发送“{0}: 1”）。程序请使用 API 令牌（bastion token add USER）；主机所有者两者都不需要。',
  'You are not signed in (any more). Sign in again.': '您尚未登录或登录已失效，请重新登录。',
  'Your sign-in has ended; sign in again.': '您的登录已失效，请重新登录。',
  'The bastion is stopping; log in again in a moment.': '堡垒机正在停止，请稍后重新登录。',
  'Too many passwords are being checked right now; try again in a moment.': '当前校验密码的请求过多，请稍后重试。',
  // passwords
  'You have no password: you log in with keys alone. An administrator can give you a link to set one (bastion user invite NAME).':
    '您没有密码，仅使用密钥登录。管理员可以提供用于设置密码的链接（bastion user invite NAME）。',
  'Your current password is not right. Type it again.': '当前密码不正确，请重新输入。',
  'The password is not valid UTF-8 text; check the keyboard or terminal settings.':
    '密码不是有效的 UTF-8 文本，请检查键盘或终端设置。',
  'The password needs at least {0} characters; a few words in a row make a good one.':
    '密码至少需要 {0} 个字符；几个词连在一起就是不错的密码。',
  'The password is longer than {0} bytes; choose a shorter one.': '密码超过 {0} 字节，请缩短。',
  'The password repeats the same characters; choose one that is harder to guess.':
    '密码重复使用相同的字符，请换一个更难猜的。',
  'This password is one of the first that are tried; choose another one.': '这是最先会被尝试的密码之一，请换一个。',
  'The password is the name or e-mail address itself; choose another one.': '密码就是用户名或邮箱，请换一个。',
  // verification codes
  'There is nothing to confirm: begin the enrolment again.': '没有待确认的设置，请重新开始设置验证码。',
  'Verification codes are required here. To move to another device, set them up anew; that replaces the old ones.':
    '此处必须使用验证码。如需更换设备，请重新设置，旧的设置会被替换。',
  // links
  'An invite is for one user; a set-up link is for nobody yet.': '邀请链接对应一个用户；初始化链接尚不对应任何用户。',
  'There is a user named {0} already; choose another name.': '已有名为 {0} 的用户，请换一个名称。',
  'Give {0}: without it nobody could log in.': '请提供<0>，否则无法登录。',
  'a password or a public key': '密码或公钥',
  'a password': '密码',
  'a public key': '公钥',
  'A key that needs no verification code must say where it may be used from: put from="ADDRESS,…" before it.':
    '免验证码的公钥必须限定来源地址：请在前面加上 from="ADDRESS,…"。',
  'This link was used, has expired or never existed; {0}.': '链接已被使用、已过期或从未存在；<0>。',
  'restart the bastion while it has no administrator to get a new one': '在尚无管理员时重新启动堡垒机即可获得新链接',
  'ask an administrator for a new one': '请向管理员索取新链接',
  // tokens and tickets
  'The token would have expired already; give a later date.': '令牌会立即过期，请选择更晚的日期。',
  'The API token is not valid (any more). "bastion token add USER" makes a new one.':
    'API 令牌无效或已失效。“bastion token add USER”可创建新令牌。',
  'This ticket was used, has expired or is not yours; connect again for a new one.':
    '票据已被使用、已过期或不属于您，请重新连接以获取新票据。',
  // user names
  'A user needs a name.': '用户必须有名称。',
  'A user name has at most {0} characters.': '用户名最多 {0} 个字符。',
  'A user name holds no @ # : / and no spaces.': '用户名不能包含 @ # : / 和空格。',
  'A user name holds only visible characters.': '用户名只能包含可见字符。',
  'A user name does not begin with a dash.': '用户名不能以短横线开头。',
  'The name "{0}" is reserved; choose another one.': '名称“{0}”为保留名称，请换一个。',
  // certificates
  'The certificate that was made is not right.': '生成的证书不正确。',
  'A certificate needs 1 to {0} names it is good for.': '证书需要 1 到 {0} 个适用名称。',
  '{0} cannot be named in a certificate: it is empty or holds a comma.': '{0} 不能写入证书：内容为空或包含逗号。',
  'A certificate must be valid for some time after 1970.': '证书的有效期必须在 1970 年之后。',
  'Give the public key of the authority alone, without options before it.': '请只提供颁发机构的公钥，前面不要带选项。',
  // why a login came out as it did
  'too many failures': '失败次数过多',
  'signature is wrong': '签名不正确',
  'no such user': '没有该用户',
  'user disabled': '用户已禁用',
  'user expired': '用户已过期',
  'locked out': '已锁定',
  'too many at once': '同时登录过多',
  'no password set': '未设置密码',
  'wrong password': '密码错误',
  'code used before': '验证码已使用过',
  'wrong code': '验证码错误',
  'enrolled elsewhere meanwhile': '期间已在别处完成设置',
  'first factor taken away meanwhile': '期间首个验证方式已被移除',
  'a ticket of somebody else, or of another sign-in': '他人的票据，或属于另一次登录',
  'unusable key: {0}': '无法使用的公钥：<0>',
  'algorithm does not fit the key': '算法与公钥不符',
  'algorithm does not fit the certificate': '算法与证书不符',
  'key not known': '未知的公钥',
  'key expired': '公钥已过期',
  'key not allowed from this address': '不允许从此地址使用该公钥',
  'certificate: {0}': '证书：<0>',
  'not a certificate': '不是证书',
  'signed by a certificate instead of a key': '由证书而非密钥签发',
  'not a user certificate': '不是用户证书',
  'authority not trusted': '颁发机构不受信任',
  'signature of the authority is wrong': '颁发机构的签名不正确',
  'not valid yet': '尚未生效',
  'not issued for this user': '不是签发给该用户的',
  'unknown critical option {0}': '未知的关键选项 {0}',
  'verify-required carries a value': 'verify-required 不应带值',
  'malformed critical option: {0}': '关键选项格式错误：<0>',
  'not allowed from this address': '不允许从此地址登录',
  '{0} is not an address': '{0} 不是地址',
  'option {0} stands twice': '选项 {0} 重复',
};
