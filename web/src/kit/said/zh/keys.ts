/** Public keys as people paste them, with the options before them. */
export const keys: Readonly<Record<string, string>> = {
  'Give one public key at a time: this is more than one line.': '请一次只提供一个公钥：内容不止一行。',
  'This line is too long for a public key.': '这一行太长，不是公钥。',
  'This is no public key. Give the line of a .pub file, such as `ssh-ed25519 AAAA… name`.':
    '这不是公钥。请提供 .pub 文件中的一行，例如 `ssh-ed25519 AAAA… name`。',
  'This is a private key. Keep it to yourself and give the public key (the .pub file; `ssh-keygen -y -f KEY` prints it).':
    '这是私钥，请自行保管，并改为提供公钥（.pub 文件；可用 `ssh-keygen -y -f KEY` 输出）。',
  'This public key is in another format. Convert it with `ssh-keygen -i -f FILE` (add `-m PKCS8` for PEM) and give the line that prints.':
    '该公钥是其他格式。请用 `ssh-keygen -i -f FILE` 转换（PEM 格式另加 `-m PKCS8`），并提供输出的一行。',
  'This is a certificate. Certificates are trusted through their authority (`bastion ca add`); give the plain public key instead.':
    '这是证书。证书通过其颁发机构获得信任（`bastion ca add`）；请改为提供普通公钥。',
  'DSA keys are no longer safe. Make a new one with `ssh-keygen -t ed25519`.':
    'DSA 密钥已不安全，请用 `ssh-keygen -t ed25519` 生成新密钥。',
  'The public key is damaged: its second word is not base64. Copy the whole line again.':
    '公钥已损坏：第二段不是 base64。请重新复制整行。',
  'This public key cannot be used: {0}.': '无法使用该公钥：<0>。',
  'its content is of another type than its first word says': '内容的类型与开头所写不符',
  'key type {0} is not supported': '不支持密钥类型 {0}',
  'an ed25519 key has 32 bytes': 'ed25519 密钥应为 32 字节',
  'the curve is not the one the key type names': '曲线与密钥类型不符',
  'the point is not in uncompressed form': '曲线点不是未压缩格式',
  'an RSA key needs at least {0} bits, this one has {1}': 'RSA 密钥至少需要 {0} 位，该密钥为 {1} 位',
  'an RSA key may have at most {0} bits': 'RSA 密钥最多 {0} 位',
  'the RSA exponent is not usable': 'RSA 指数不可用',
  'not a valid public key': '不是有效的公钥',
  'the signature is too long': '签名过长',
  'text is not UTF-8': '文本不是 UTF-8',
  'negative number': '数值为负',
  'unexpected bytes at the end': '末尾有多余的字节',
  'too short': '过短',
  // options
  'Key options: {0}.': '公钥选项：<0>。',
  'from= stands twice; put all patterns into one, separated by commas': 'from= 出现两次；请合并为一个，用逗号分隔',
  'from=: {0}': 'from=：<0>',
  'from= only excludes addresses; add one that is allowed, such as *': 'from= 只排除了地址；请加上允许的地址，例如 *',
  'permitopen= needs HOST:PORT, got "{0}"': 'permitopen= 需要 HOST:PORT，实际为“{0}”',
  'command= stands twice': 'command= 出现两次',
  'command="{0}": of the options of internal-sftp only -R has a meaning here':
    'command="{0}"：internal-sftp 的选项中此处仅 -R 有意义',
  '{0} is refused: {1}': '不接受 {0}：<1>',
  'a certificate authority is trusted for everyone: add its key with `bastion ca add`':
    '颁发机构对所有用户生效：请用 `bastion ca add` 添加其公钥',
  'principals are for certificate authorities; a certificate must name the user exactly':
    'principals 仅用于颁发机构；证书必须准确写明用户名',
  'environment= cannot be set by a key': '公钥不能设置 environment=',
  'remote forwarding (-R) is not offered': '不提供远程转发（-R）',
  'tunnel devices are not offered': '不提供隧道设备',
  'unknown option "{0}"; remove it': '未知选项“{0}”，请删除',
  '{0} takes no value': '{0} 不带值',
  '{0} needs a value: {1}="…"': '{0} 需要值：{1}="…"',
  'a quotation mark is not closed': '引号没有闭合',
  'an option between two commas is empty': '两个逗号之间的选项为空',
  'the value of {0} must stand in quotation marks: {1}="…"': '{0} 的值必须写在引号中：{1}="…"',
  'the value of {0} holds control characters': '{0} 的值包含控制字符',
  'the value of {0} is empty': '{0} 的值为空',
  'expiry-time= needs YYYYMMDD or YYYYMMDDHHMM[SS], with Z for UTC, got "{0}"':
    'expiry-time= 需要 YYYYMMDD 或 YYYYMMDDHHMM[SS]（UTC 加 Z），实际为“{0}”',
  'expiry-time= names no such date: "{0}"': 'expiry-time= 的日期不存在：“{0}”',
  '"{0}" is not a CIDR block such as 10.0.0.0/8 or fd00::/8': '“{0}”不是网段，例如 10.0.0.0/8 或 fd00::/8',
  '"{0}" is not an address, a CIDR block or a pattern such as 192.168.1.*; host names are not looked up':
    '“{0}”不是地址、网段或 192.168.1.* 之类的模式；不解析主机名',
};
