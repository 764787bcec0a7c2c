/** Reaching targets: addresses, host keys, accounts, jump assets, agents, forwarding. */
export const targets: Readonly<Record<string, string>> = {
  '{0} refused the connection: check that its SSH server runs and the port is right.':
    '{0} 拒绝了连接：请检查其 SSH 服务是否运行、端口是否正确。',
  'The name {0} of {1} cannot be resolved: check the address of the asset and the DNS of the bastion.':
    '无法解析 {1} 的主机名 {0}：请检查资产的地址和堡垒机的 DNS。',
  '{0} (from {1}) did not answer in time: check that the machine is up and a firewall lets the bastion through.':
    '从 {1} 访问 {0} 没有及时应答：请检查主机是否开机、防火墙是否放行。',
  'There is no route from the bastion to {0}: check the address and the network, or reach it through a jump asset (--via).':
    '堡垒机没有到 {0} 的路由：请检查地址和网络，或通过跳板资产（--via）访问。',
  '{0} did not answer in time: check that the machine is up and a firewall lets the bastion through.':
    '{0} 没有及时应答：请检查主机是否开机、防火墙是否放行堡垒机。',
  '{0} and the bastion share no {1}: {2}.': '{0} 与堡垒机没有共同的[1]：<2>。',
  'even the legacy set did not help': '旧算法集也无法协商',
  'if it is an old device, set a platform with legacy algorithms: `bastion asset set NAME --platform PLATFORM`':
    '如为旧设备，请设置使用旧算法的平台：`bastion asset set NAME --platform PLATFORM`',
  'The connection to {0} broke off.': '与 {0} 的连接中断。',
  '{0} closed the connection during the login of {1}: its log says why.':
    '{0} 在 {1} 登录期间关闭了连接，原因见其日志。',
  '{0} takes no more connections from the bastion just now: try again, and look at MaxStartups and PerSourcePenalties in its sshd_config.':
    '{0} 目前不再接受堡垒机的连接：请重试，并检查其 sshd_config 中的 MaxStartups 和 PerSourcePenalties。',
  'What answers at {0} is not an SSH server: check the port of the asset.':
    '{0} 上应答的不是 SSH 服务：请检查资产的端口。',
  'The SSH handshake with {0} failed: the log of its SSH server or of the bastion says why.':
    '与 {0} 的 SSH 握手失败，原因见其 SSH 服务或堡垒机的日志。',
  '{0} closed the connection before the login: check its SSH server, its MaxStartups and the firewall in between.':
    '{0} 在登录前关闭了连接：请检查其 SSH 服务、MaxStartups 设置以及中间的防火墙。',
  // entering
  '{0} did not accept the secret for {1}.': '{0} 不接受 {1} 的密码或密钥。',
  '{0} did not accept the secret for {1}: an administrator stores the right one with `bastion account set {2} {3} --password-stdin` (or --key-file).':
    '{0} 不接受 {1} 的密码或密钥：管理员可用 `bastion account set {2} {3} --password-stdin`（或 --key-file）保存正确的凭据。',
  '{0} wants a new password for {1}.': '{0} 要求 {1} 设置新密码。',
  '{0} wants a new password for {1}: an administrator stores the right one with `bastion account set {2} {3} --password-stdin` (or --key-file).':
    '{0} 要求 {1} 设置新密码：管理员可用 `bastion account set {2} {3} --password-stdin`（或 --key-file）保存正确的凭据。',
  '{0} wants a secret, and none is stored, for {1}.': '{0} 需要 {1} 的密码或密钥，但没有保存。',
  '{0} wants a secret, and none is stored, for {1}: an administrator stores the right one with `bastion account set {2} {3} --password-stdin` (or --key-file).':
    '{0} 需要 {1} 的密码或密钥，但没有保存：管理员可用 `bastion account set {2} {3} --password-stdin`（或 --key-file）保存。',
  "{0} did not accept the bastion's certificate for {1}: put the line of `bastion ca show user` into the file that its sshd_config names as TrustedUserCAKeys, and check that {2} exists there and its clock is right.":
    '{0} 不接受堡垒机为 {1} 签发的证书：请将 `bastion ca show user` 输出的一行写入其 sshd_config 中 TrustedUserCAKeys 所指的文件，并检查 {2} 存在且时钟正确。',
  "{0} on {1} is entered with the person's own key, so only a person can: `ssh -A USER@{2}@{3}@…`.":
    '{1} 上的 {0} 使用用户本人的密钥登录，因此只有用户本人可以：`ssh -A USER@{2}@{3}@…`。',
  'The passphrase stored with the key of {0} on {1} does not open it: store key and passphrase again with `bastion account set {2} {3} --key-file FILE --passphrase-stdin`.':
    '{1} 上 {0} 的密钥无法用所保存的口令短语打开：请用 `bastion account set {2} {3} --key-file FILE --passphrase-stdin` 重新保存密钥和口令短语。',
  'The key stored for {0} on {1} is not a private key that can be read: store it again with `bastion account set {2} {3} --key-file FILE`.':
    '{1} 上 {0} 所保存的密钥不是可读取的私钥：请用 `bastion account set {2} {3} --key-file FILE` 重新保存。',
  'The text encoding {0} is not known: set another one with `bastion asset set NAME --charset gbk`.':
    '未知的文本编码 {0}：请用 `bastion asset set NAME --charset gbk` 设置其他编码。',
  'Shells on the bastion itself exist only in the demo (`bastion serve --demo`).':
    '堡垒机本机的 shell 仅在演示环境中可用（`bastion serve --demo`）。',
  'Protocol {0} of {1} is not supported yet: choose ssh if the asset has it.':
    '尚不支持 {1} 的协议 {0}：如资产提供 ssh，请选择 ssh。',
  'A local shell was asked for without the right to it.': '请求了本机 shell，但没有相应授权。',
  'The shell of the demo runs commands only; add an asset with SSH for the rest.':
    '演示环境的 shell 只能执行命令；其他用途请添加支持 SSH 的资产。',
  'An SSH target was asked for without the right to it.': '请求了 SSH 资产，但没有相应授权。',
  '{0} gives no terminal; going on without one.': '{0} 不提供终端，将在没有终端的情况下继续。',
  'The client connection is gone.': '客户端连接已断开。',
  'on the way to {0}': '前往 {0} 途中',
  // the person's agent
  '{0} is entered with your own key, and your SSH agent could not be asked: connect again with ssh -A.':
    '{0} 使用您本人的密钥登录，但无法访问您的 SSH agent：请用 ssh -A 重新连接。',
  '{0} is entered with your own key, and your SSH agent holds none: add it with ssh-add and connect again with ssh -A.':
    '{0} 使用您本人的密钥登录，但您的 SSH agent 中没有密钥：请用 ssh-add 添加，并用 ssh -A 重新连接。',
  'the key': '密钥',
  'any of the first {0} keys': '前 {0} 个密钥',
  '{0} did not accept {1} of your SSH agent for {2}: your public key must stand in ~/.ssh/authorized_keys of {3} there, and your agent must sign with it (ssh-add -l lists what it holds).':
    '{0} 不接受您 SSH agent 中用于 {2} 的<1>：您的公钥必须写在该处 {3} 的 ~/.ssh/authorized_keys 中，且 agent 必须能用它签名（ssh-add -l 可列出其中的密钥）。',
  'Your SSH agent did not answer in time, so {0} could not be entered: confirm there when it asks, and connect again with ssh -A.':
    '您的 SSH agent 没有及时应答，因此无法登录 {0}：请在其询问时确认，并用 ssh -A 重新连接。',
  '{0} is entered as {1} with your own key: {2}.': '{0} 的 {1} 使用您本人的密钥登录：<2>。',
  'connect with ssh -A, and run a command or shell on the same connection first':
    '请用 ssh -A 连接，并先在同一连接上执行命令或打开 shell',
  'connect with ssh -A (and see with ssh-add -l that your agent holds the key)':
    '请用 ssh -A 连接（并用 ssh-add -l 确认 agent 中有该密钥）',
  'Confirm with your security key.': '请用安全密钥确认。',
  'the agent hung up': 'agent 已断开',
  'given up': '已放弃',
  'the agent is busy': 'agent 忙',
  'the agent spoke without being asked': 'agent 主动发送了数据',
  'the answer of the agent is too long': 'agent 的应答过长',
  'the agent said more than was asked': 'agent 的应答多于请求',
  'the agent refused': 'agent 已拒绝',
  'the client is gone': '客户端已断开',
  'no free channel': '没有空闲通道',
  // host keys
  'The host key of {0} changed (now {1} {2}): somebody may be in between, or the machine was set up anew. If the new key is right, an administrator accepts it with `bastion host-key accept {3}`.':
    '{0} 的主机密钥已变化（现为 {1} {2}）：可能有人在中间，或主机已重装。如新密钥正确，管理员可用 `bastion host-key accept {3}` 接受。',
  'not the pinned key': '不是已记录的密钥',
  'First connection to {0}: its {1} host key {2} is now pinned.': '首次连接 {0}：已记录其 {1} 主机密钥 {2}。',
  'The host key could not be written down; the log of the bastion says why.': '无法记录主机密钥，原因见堡垒机的日志。',
  // jump assets
  'The jump asset of {0} does not exist any more: set another one with `bastion asset set {1} --via ASSET`.':
    '{0} 的跳板资产已不存在：请用 `bastion asset set {1} --via ASSET` 设置其他跳板。',
  'The jump assets of {0} run in a circle at {1}: change one of them with `bastion asset set NAME --via ASSET`.':
    '{0} 的跳板资产在 {1} 处形成循环：请用 `bastion asset set NAME --via ASSET` 更改其中一个。',
  '{0} is reached through {1}, which is switched off: `bastion asset set {2} --active` switches it on.':
    '{0} 经由 {1} 访问，而后者已停用：`bastion asset set {2} --active` 可启用。',
  'The jump asset {0} has no account with a secret: add one with `bastion account add {1} LOGIN --key-file FILE` (or --certificate).':
    '跳板资产 {0} 没有保存凭据的账号：请用 `bastion account add {1} LOGIN --key-file FILE`（或 --certificate）添加。',
  'The jump asset {0} has {1} accounts and none is called {2}: name the one for passing through so, or keep only one.':
    '跳板资产 {0} 有 {1} 个账号，且没有名为 {2} 的：请将用于跳转的账号改为此名，或只保留一个。',
  '{0} has no SSH: add it with `bastion asset set {1} --protocol ssh`.':
    '{0} 没有 SSH：请用 `bastion asset set {1} --protocol ssh` 添加。',
  '{0} is of a legacy platform: old algorithms are offered to it.': '{0} 为旧平台：将使用旧算法。',
  '{0} does not forward connections to {1}: allow it in its sshd (AllowTcpForwarding, PermitOpen).':
    '{0} 不允许转发到 {1}：请在其 sshd 中放行（AllowTcpForwarding、PermitOpen）。',
  '{0} cannot connect to {1}: check the address as {2} sees it, and that its SSH server runs.':
    '{0} 无法连接到 {1}：请检查从 {2} 可见的地址，以及其 SSH 服务是否运行。',
  // after the login
  'The target let the login in and then did not open a session in time: check its load and the login shell.':
    '资产接受了登录，但没有及时打开会话：请检查其负载和登录 shell。',
  'The target let the login in and then refused to open a session: check MaxSessions and the login shell there.':
    '资产接受了登录，但拒绝打开会话：请检查其 MaxSessions 和登录 shell。',
  'The connection to the target broke off just now: try again.': '与资产的连接刚刚中断，请重试。',
  'The target refused to start the program: its sshd allows this login no shell or command.':
    '资产拒绝启动程序：其 sshd 不允许该账号使用 shell 或执行命令。',
  'The target has no subsystem "{0}": its sshd_config must name one (Subsystem …).':
    '资产没有子系统“{0}”：须在其 sshd_config 中配置（Subsystem …）。',
  'The target closed the connection while the session was opened.': '资产在打开会话时关闭了连接。',
  'The target cannot connect to {0}': '资产无法连接到 {0}',
  "The target's own SSH server does not forward to {0}; AllowTcpForwarding, AllowStreamLocalForwarding and PermitOpen there decide it":
    '资产自身的 SSH 服务不允许转发到 {0}；由其 AllowTcpForwarding、AllowStreamLocalForwarding 和 PermitOpen 决定',
  'The SSH server of the target does not forward to sockets.': '资产的 SSH 服务不允许转发到套接字。',
  'The target closed the connection while it was asked to forward.': '资产在请求转发时关闭了连接。',
  'The target did not reach {0} in time.': '资产没有及时连接到 {0}。',
};
