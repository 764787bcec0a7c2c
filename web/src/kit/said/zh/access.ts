/** Who may what: decisions, the traces of `explain`, forwarding. */
export const access: Readonly<Record<string, string>> = {
  // the person
  'There is no user {0}.': '没有用户 {0}。',
  'Your user no longer exists; ask an administrator.': '您的用户已不存在，请联系管理员。',
  'User {0} is disabled.': '用户 {0} 已被禁用。',
  'Your user is disabled; ask an administrator to enable it.': '您的用户已被禁用，请联系管理员启用。',
  'User {0} expired on {1}.': '用户 {0} 已于 {1} 过期。',
  'Your user has expired; ask an administrator to extend it.': '您的用户已过期，请联系管理员延长有效期。',
  'The key {0} logged in with expired on {1}.': '{0} 登录所用的公钥已于 {1} 过期。',
  'The key you logged in with has expired; log in with another one.': '您登录所用的公钥已过期，请换用其他公钥登录。',
  'User {0} is enabled{1}.': '用户 {0} 已启用<1>。',
  ' until {0}': '，有效期至 {0}',
  'You may not log in; ask an administrator.': '您不能登录，请联系管理员。',
  // the asset
  'Denied: {0}': '拒绝：<0>',
  'there is no asset "{0}".': '没有资产“{0}”。',
  'Asset {0} exists and is active.': '资产 {0} 存在且已启用。',
  'Asset {0} is switched off.': '资产 {0} 已停用。',
  '{0} is switched off at the moment; ask an administrator to activate it.': '{0} 目前已停用，请联系管理员启用。',
  'No asset named "{0}" is open to you; log in without an asset name for the list of those that are.':
    '您无权访问名为“{0}”的资产；登录时不写资产名即可列出可访问的资产。',
  'Protocol: {0} offers {1}; {2} serves {3}.': '协议：{0} 提供 {1}；{2} 可用于[3]。',
  'Protocol: {0} offers {1}, but not {2} for {3}.': '协议：{0} 提供 [1]，但没有可用于[3]的[2]。',
  // permissions
  'No permission names {0}.': '没有授权包含 {0}。',
  'Permission "{0}" {1}': '授权“{0}”<1>',
  'no permission in force lets {0} reach {1}.': '没有生效中的授权允许 {0} 访问 {1}。',
  'does not apply: {0}.': '不适用：<0>。',
  'it is switched off': '已停用',
  'it does not name {0}': '不包含 {0}',
  'it begins on {0}': '从 {0} 起生效',
  'it ended on {0}': '已于 {0} 到期',
  'it does not cover {0} in {1}': '不涵盖目录 {1} 中的 {0}',
  '{0} has no active account among {1}': '{0} 在 {1} 中没有已启用的账号',
  'it gives {0}, not account {1}': '提供账号 {0}，而非 {1}',
  'it allows {0}, not {1}': '允许 [0]，而非 [1]',
  'does not allow "{0}"; together with one that does it adds {1}.': '不允许“[0]”；与允许它的授权一起使用时，增加[1]。',
  'applies: it names {0}, covers {1}, gives {2} and allows {3}.': '适用：包含 <0>，涵盖 <1>，提供账号 {2}，允许[3]。',
  '{0} through group {1}': '{0}（通过用户组 {1}）',
  '{0} by name': '{0}（按名称）',
  '{0} by folder {1}': '{0}（按目录 {1}）',
  '{0} by label {1}': '{0}（按标签 {1}）',
  '{0} until {1}': '[0]，有效期至 {1}',
  '{0} does not offer {1}; it offers {2}.': '{0} 不提供 {1}；它提供 [2]。',
  '{0} offers {1}, which cannot serve {2}; open it another way.': '{0} 提供的 [1] 不能用于[2]，请以其他方式打开。',
  'You may not use {0} on {1}; ask an administrator for a permission for it.':
    '您不能在 {1} 上使用 {0}，请向管理员申请授权。',
  'None of your permissions for {0} allows "{1}"; ask an administrator for one that does.':
    '您对 {0} 的授权都不允许“[1]”，请向管理员申请。',
  // accounts
  'Accounts: none is usable.': '账号：没有可用的账号。',
  'Accounts: {0} is not among the usable ones ({1}).': '账号：{0} 不在可用账号之中（[1]）。',
  'Accounts: several are usable ({0}) and none was named.': '账号：有多个可用（{0}），未指定其中一个。',
  'Account {0}: the user types the login and the secret.': '账号 {0}：由用户输入账号和密码。',
  'Account {0}: the user types the secret.': '账号 {0}：由用户输入密码。',
  'Account {0}: with the secret the user typed.': '账号 {0}：使用用户输入的密码。',
  'Account {0}: stored in the vault.': '账号 {0}：使用密码库中保存的凭据。',
  'No account of {0} is open to you; ask an administrator to add one or to permit it.':
    '您没有 {0} 的可用账号，请联系管理员添加账号或授权。',
  'Account "{0}" of {1} is not open to you; choose from: {2}.': '您无权使用 {1} 的账号“{0}”，可选：{2}。',
  'Allowed by {0}: {1}; recording {2}.': '允许，依据 {0}：[1]；录像：[2]。',
  // filters that hold
  'Command filter "{0}" (priority {1}) {2}.': '命令过滤规则“{0}”（优先级 {1}）<2>。',
  'holds {0} until an administrator approves': '要求管理员审批 <0>',
  'holds {0} until {1} approves': '要求 <1> 审批 <0>',
  'holds {0} until an administrator approves for {1}': '要求管理员审批 <0>（账号 {1}）',
  'holds {0} until {1} approves for {2}': '要求 <1> 审批 <0>（账号 {2}）',
  'allows {0}': '允许 <0>',
  'warns of {0}': '对 <0> 发出警告',
  'forbids {0}': '禁止 <0>',
  'allows {0} for {1}': '允许 <0>（账号 {1}）',
  'warns of {0} for {1}': '对 <0> 发出警告（账号 {1}）',
  'forbids {0} for {1}': '禁止 <0>（账号 {1}）',
  'what matches /{0}/': '匹配 /{0}/ 的命令',
  '{0} or {1}': '{0} 或 {1}',
  'an administrator': '管理员',
  // names and addresses
  'Several assets open to you have the address {0}: {1}; use the name of one.':
    '您可访问的多个资产使用地址 {0}：{1}；请使用其中一个的名称。',
  'Several assets have the address {0}: {1}; use the name of one.': '多个资产使用地址 {0}：{1}；请使用其中一个的名称。',
  'There is no user "{0}"; `bastion user list` shows them.': '没有用户“{0}”；`bastion user list` 可列出全部用户。',
  'There is no asset "{0}"; `bastion asset list` shows them.': '没有资产“{0}”；`bastion asset list` 可列出全部资产。',
  // forwarding
  'A forwarded connection has a destination, and nothing else has one.': '只有端口转发才有转发目标，且必须有。',
  'Forwarding to {0} is permitted.': '允许转发到 {0}。',
  'Forwarding may go to {0}.': '允许转发到：<0>。',
  'The key or certificate you logged in with permits no forwarding; log in with another one.':
    '您登录所用的公钥或证书不允许端口转发，请换用其他方式登录。',
  'The key you logged in with does not permit forwarding to {0} (permitopen=); log in with another one.':
    '您登录所用的公钥不允许转发到 {0}（permitopen=），请换用其他公钥登录。',
  'the asset itself': '资产自身',
  '"{0}" is no path of a socket: it must not hold //, /./ or /../, nor end in /':
    '“{0}”不是套接字路径：不能包含 //、/./ 或 /../，也不能以 / 结尾',
  '"{0}": an IPv6 address stands in brackets, as in [fd00::5]:5432':
    '“{0}”：IPv6 地址须写在方括号中，例如 [fd00::5]:5432',
  '"{0}" is no destination: write HOST:PORT (db1:5432, *.lan:443, 10.0.*:*, [fd00::5]:22; * and ? match in the host, * is every port), the path of a socket (/run/docker.sock, /run/*), or {1} for the asset itself':
    '“{0}”不是转发目标：请写 HOST:PORT（db1:5432、*.lan:443、10.0.*:*、[fd00::5]:22；主机部分可用 * 和 ?，端口 * 表示任意端口）、套接字路径（/run/docker.sock、/run/*），或用 {1} 表示资产自身',
  'The SSH port of {0} is a login to it, which needs the action connect; ask an administrator for it.':
    '{0} 的 SSH 端口即登录该资产，需要动作“连接”，请联系管理员。',
  'You may not forward to {0} over {1}, only to {2}; ask an administrator to permit it (--forward-to).':
    '您不能经 {1} 转发到 {0}，只能转发到：<2>；请联系管理员授权（--forward-to）。',
};
