/** Users, assets, accounts, permissions, filters: what may be written down, and what is there already. */
export const inventory: Readonly<Record<string, string>> = {
  // what is not there, or there already
  'There is no {0} {1}. See: {2}': '没有[0] {1}。可查看：{2}',
  'There is no command filter {0}. See: {1}': '没有命令过滤规则 {0}。可查看：{1}',
  'There is no certificate authority {0}. See: {1}': '没有证书颁发机构 {0}。可查看：{1}',
  'There is no {0} {1}.': '没有[0] {1}。',
  'There is already a {0} {1}; choose another name.': '已有名为 {1} 的[0]，请换一个名称。',
  'There is already an asset {0}; choose another name.': '已有名为 {0} 的资产，请换一个名称。',
  'There is already a command filter {0}; choose another name.': '已有名为 {0} 的命令过滤规则，请换一个名称。',
  'There is already a certificate authority {0}; choose another name.': '已有名为 {0} 的证书颁发机构，请换一个名称。',
  'Several tokens are named {0}: give the id instead.': '有多个名为 {0} 的令牌，请改用 ID。',
  'This account does not exist any more.': '该账号已不存在。',
  'This asset does not exist any more.': '该资产已不存在。',
  'This user does not exist any more.': '该用户已不存在。',
  'This group does not exist any more.': '该用户组已不存在。',
  'This permission does not exist any more.': '该授权已不存在。',
  'This command filter does not exist any more.': '该命令过滤规则已不存在。',
  'That exists already.': '已存在。',
  'Something this refers to is gone, or something else still refers to it; look again and retry.':
    '所引用的内容已不存在，或仍被其他内容引用；请重新查看后再试。',
  '"{0}" was changed by somebody else meanwhile; look at it again and repeat your change.':
    '其他人在此期间已修改“{0}”，请重新查看后再次修改。',
  // users and keys
  'There is already a user {0}; choose another name.': '已有用户 {0}，请换一个名称。',
  '{0} is disabled: enable the user first (bastion user enable).':
    '{0} 已禁用：请先启用该用户（bastion user enable）。',
  'This is the last administrator who can log in. Make another user an administrator first: bastion user set NAME --role admin':
    '这是最后一个可以登录的管理员。请先将其他用户设为管理员：bastion user set NAME --role admin',
  '{0} has no such key. See: bastion user key list {1}': '{0} 没有该公钥。可查看：bastion user key list {1}',
  'This user has the key {0} already; remove it first to change its options.':
    '该用户已有公钥 {0}；如需修改选项，请先删除。',
  'This key is trusted already, under the name {0}.': '该公钥已受信任，名称为 {0}。',
  'You have no such key (any more).': '您没有该公钥，或已删除。',
  'You have no token {0} (any more).': '您没有令牌 {0}，或已删除。',
  'An API token may not {0}: sign in with a browser for that.': 'API 令牌不能<0>：请用浏览器登录后操作。',
  'change the password': '修改密码',
  'add a key': '添加公钥',
  'set up verification codes': '设置验证码',
  'remove verification codes': '移除验证码',
  'make another one': '创建其他令牌',
  'This is about the one who calls, and here the owner of the machine does, who is no user. Name a user instead (bastion user --help).':
    '此操作针对调用者本人，而当前调用者是主机所有者，不是用户。请改为指定用户（bastion user --help）。',
  'This is more than the {0} KiB that are kept for a person: remove something first.':
    '超过每人可保存的 {0} KiB，请先删除一些内容。',
  // folders and platforms
  'The root folder cannot be moved.': '根目录不能移动。',
  'The root folder cannot be removed.': '根目录不能删除。',
  '{0} cannot be moved to {1}: name the new full path.': '{0} 不能移动到 {1}：请写出新的完整路径。',
  '{0} cannot be moved into itself.': '{0} 不能移动到其自身之下。',
  'There is already a folder {0}; choose another path.': '已有目录 {0}，请换一个路径。',
  '{0} still holds the folder {1}; remove or move it first.': '{0} 中仍有目录 {1}，请先删除或移动。',
  '{0} still holds the asset {1}; remove it or move it to another folder first.':
    '{0} 中仍有资产 {1}，请先删除或移到其他目录。',
  '{0} is no folder path; write it like /prod/web.': '{0} 不是目录路径，请写成 /prod/web 的形式。',
  'There is no platform {0}. See: bastion platform list': '没有平台 {0}。可查看：bastion platform list',
  'There is no platform {0}; see bastion platform list.': '没有平台 {0}；可查看：bastion platform list',
  'There is no platform {0}. There are: {1}.': '没有平台 {0}。可用的有：{1}。',
  // the platforms that come with it
  'Linux whose OpenSSH is too old for current algorithms': 'OpenSSH 版本过旧、不支持现行算法的 Linux',
  'BSD, macOS, Solaris, AIX and other Unix systems': 'BSD、macOS、Solaris、AIX 等 Unix 系统',
  'Switch, router, firewall or other device': '交换机、路由器、防火墙等设备',
  'Device that speaks only old SSH algorithms': '仅支持旧 SSH 算法的设备',
  'A shell on the bastion itself, for the demo': '堡垒机本机的 shell，用于演示',
  // assets
  'name: stands in line {0} already': 'name：第 {0} 行已有此名称',
  'name: there is an asset of this name already': 'name：已有同名资产',
  'Nothing was imported: 1 row is wrong. Correct them and import again.':
    '未导入任何内容：有 1 行有误。请更正后重新导入。',
  'Nothing was imported: {0} rows are wrong. Correct them and import again.':
    '未导入任何内容：有 {0} 行有误。请更正后重新导入。',
  'There is no character set {0}. Examples: GBK, GB18030, ISO-8859-1.':
    '没有字符集 {0}。例如：GBK、GB18030、ISO-8859-1。',
  'Protocol {0} is named twice: an asset has one port for each protocol.': '协议 {0} 重复：每种协议只能有一个端口。',
  'Protocol local is a shell on the bastion itself and exists only under "bastion serve --demo".':
    '协议 local 是堡垒机本机的 shell，仅在“bastion serve --demo”下可用。',
  'Protocol {0} needs a port from 1 to 65535.': '协议 {0} 需要 1 到 65535 的端口。',
  'There is no asset {0} to go through. See: bastion asset list':
    '没有可作为跳板的资产 {0}。可查看：bastion asset list',
  'Nothing can go through {0}: it has no protocol ssh.': '{0} 不能作为跳板：没有 ssh 协议。',
  'Going through {0} would lead in a circle.': '经 {0} 跳转会形成循环。',
  'An asset cannot be reached through itself; choose another --via.': '资产不能经自身跳转，请选择其他跳板（--via）。',
  'The asset named by --via does not exist any more.': '作为跳板（--via）的资产已不存在。',
  '{0} is the way to {1}; give that another --via first.': '{0} 是 {1} 的跳板，请先为后者更换跳板（--via）。',
  '{0} is the way to {1} assets, among them {2}; give that another --via first.':
    '{0} 是 {1} 个资产（包括 {2}）的跳板，请先为它们更换跳板（--via）。',
  // accounts
  '{0} has an account {1} already; change it with bastion account set.':
    '{0} 已有账号 {1}；可用 bastion account set 修改。',
  'Give only one of password, private key, generated key, agent, certificate and no secret.':
    '密码、私钥、自动生成的密钥、agent、证书和无凭据只能选择一种。',
  'A passphrase belongs to a private key: give the key too.': '口令短语用于私钥：请同时提供私钥。',
  'The private key is encrypted: give its passphrase too (--passphrase-stdin).':
    '私钥已加密：请同时提供口令短语（--passphrase-stdin）。',
  'The private key cannot be read{0}: it must be an OpenSSH, PEM or PuTTY key file.':
    '无法读取私钥<0>：必须是 OpenSSH、PEM 或 PuTTY 密钥文件。',
  ' with this passphrase': '（使用此口令短语）',
  'This is a public key: give the private one.': '这是公钥：请提供私钥。',
  'No changed host key of {0} waits to be accepted.': '{0} 没有等待接受的已变化主机密钥。',
  'Different keys were presented since the pinned one; only one can be right. Compare their fingerprints with the machine (bastion host-key list), then bastion host-key forget ASSET and connect again.':
    '此后出现过不同的密钥，只可能有一个正确。请与主机核对指纹（bastion host-key list），再执行 bastion host-key forget ASSET 并重新连接。',
  // permissions
  'Name at least one user or group that gets the permission.': '请至少指定一个获得授权的用户或用户组。',
  'Name at least one asset, folder or label; folder / means every asset.':
    '请至少指定一个资产、目录或标签；目录 / 表示全部资产。',
  'The permission would be for nobody; to suspend it use --inactive, or remove it.':
    '该授权将不再包含任何用户；如需暂停请停用（--inactive），或删除。',
  'The permission would be for nothing; to suspend it use --inactive, or remove it.':
    '该授权将不再涵盖任何资产；如需暂停请停用（--inactive），或删除。',
  'Forward to: {0}.': '转发目标：<0>。',
  'The permission would end before it begins: "from" must be earlier than "until".':
    '授权会在开始前结束：开始时间（from）必须早于结束时间（until）。',
  'Nobody is in these groups yet.': '这些用户组中还没有用户。',
  'Nobody of these can log in: all are disabled or expired.': '这些用户都无法登录：均已禁用或过期。',
  'No asset has the label {0}.': '没有资产带有标签 {0}。',
  'No asset is in the folder {0}.': '目录 {0} 中没有资产。',
  'One asset is switched off.': '有 1 个资产已停用。',
  '{0} assets are switched off.': '有 {0} 个资产已停用。',
  'One asset has none of the protocols.': '有 1 个资产不提供所选的任何协议。',
  '{0} assets have none of the protocols.': '有 {0} 个资产不提供所选的任何协议。',
  'None of the assets has an account {0}.': '这些资产都没有账号 {0}。',
  '{0} would have no usable account.': '{0} 没有可用账号。',
  '{0} assets would have no usable account.': '有 {0} 个资产没有可用账号。',
  'No asset would have a usable account.': '所有资产都没有可用账号。',
  'Say whose reach you want to see: give a user, an asset or both.': '请指定要查看的范围：提供用户、资产或两者。',
  'You have no account {0} on {1}.': '您在 {1} 上没有账号 {0}。',
  'No asset named {0} is open to you.': '您无权访问名为 {0} 的资产。',
  '{0} reaches no asset {1} over SSH.': '{0} 不能通过 SSH 访问资产 {1}。',
  'You may see only your own SSH configuration.': '您只能查看自己的 SSH 配置。',
  // filters
  'Say which commands the filter minds: either words or one regular expression.':
    '请指定过滤规则匹配哪些命令：命令列表或一个正则表达式。',
  'Only a filter that asks for review has reviewers.': '只有需要审批的过滤规则才有审批人。',
  'A regular expression has 1 to {0} characters.': '正则表达式须为 1 到 {0} 个字符。',
  'The regular expression is not understood: {0}. The syntax is that of RE2, which has neither look-ahead and look-behind nor references to groups.':
    '无法理解该正则表达式：{0}。语法为 RE2，不支持前后查找和反向引用。',
  'The regular expression is too large: use smaller repetitions, or several filters.':
    '正则表达式过大：请减少重复次数，或拆分为多条规则。',
  'A word list names 1 to {0} commands, as in rm,reboot,git push --force':
    '命令列表须包含 1 到 {0} 条命令，例如 rm,reboot,git push --force',
  'A word list holds an empty entry: leave it out.': '命令列表中有空项，请删除。',
  'An entry of a word list has at most {0} characters.': '命令列表的每一项最多 {0} 个字符。',
  'The entry {0} holds {1} and would never match. {2}': '{0} 包含<1>，永远不会匹配。<2>',
  'a control character': '控制字符',
  'Name one command with its arguments, or use a regular expression for anything else.':
    '请写一条命令及其参数，其他情况请使用正则表达式。',
};
