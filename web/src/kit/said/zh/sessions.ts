/** Sessions: why they do not begin, or end; watching, sharing, reviews, recordings. */
export const sessions: Readonly<Record<string, string>> = {
  // beginning
  'Going through {0}.': '经由跳板 {0}。',
  'A session needs a grant; connect through a login.': '会话需要授权，请登录后连接。',
  'This grant is for {0}, and {1} was asked for.': '该授权用于[0]，而请求的是[1]。',
  'There are no sessions for {0} here.': '此处不提供[0]会话。',
  'The bastion is going down and takes no new sessions. Try again when it is back.':
    '堡垒机正在停止，不再接受新会话。请在其恢复后重试。',
  'The bastion is going down. Try again when it is back.': '堡垒机正在停止，请在其恢复后重试。',
  'You have {0} forwarded connections open, which is the limit. Close some and connect again.':
    '您已打开 {0} 个端口转发连接，达到上限。请关闭一些后重新连接。',
  'You have {0} sessions open, which is the limit. Close one and connect again.':
    '您已打开 {0} 个会话，达到上限。请关闭一个后重新连接。',
  'You have {0} terminals open, which is the limit. Close one first.': '您已打开 {0} 个终端，达到上限。请先关闭一个。',
  'This session must be recorded and cannot be: {0}. Ask an administrator to make room on the bastion.':
    '该会话必须录像但无法录像：<0>。请联系管理员清理堡垒机的磁盘空间。',
  'the recording directory cannot be read': '无法读取录像目录',
  'the recording directory is missing or may not be written': '录像目录不存在或不可写',
  'the recording cannot be written ({0})': '无法写入录像（{0}）',
  'the disk for recordings has {0} free and must keep {1}': '录像磁盘可用 {0}，须保留 {1}',
  'the disk takes no more bytes': '磁盘无法继续写入',
  'it runs unrecorded, and its permission requires a recording now': '该会话未录像，而其授权现在要求必须录像',
  'something went wrong; the log of the bastion has the details': '内部出错，详情见堡垒机的日志',
  'This ticket is for {0}; ask for one of use shell.': '该票据用于[0]；请申请用途为 shell 的票据。',
  'Several accounts of this asset are open to you now; connect again with one.':
    '该资产现在有多个账号可用，请选择其中一个重新连接。',
  'Login and password of this account are typed each time; connect again with them.':
    '该账号每次都需输入用户名和密码，请输入后重新连接。',
  'The asset was changed meanwhile; connect again.': '资产在此期间已被修改，请重新连接。',
  'The session has ended meanwhile; connect again.': '会话在此期间已结束，请重新连接。',
  'There is no such socket.': '没有该连接。',
  'hello and resume come first, and once': 'hello 和 resume 只能作为第一条消息，且只能发送一次',
  'the first message must be hello or resume': '第一条消息必须是 hello 或 resume',
  'hello is said once.': 'hello 只能发送一次。',
  'what was sent could not be handled': '无法处理收到的数据',
  'a message was no JSON': '消息不是 JSON',
  'a message was not understood ({0})': '无法理解消息（<0>）',
  'more was typed than the other side takes, and the page did not wait': '输入超过对端可接收的量，且页面没有等待',
  'more output was acknowledged than was sent': '确认的输出多于已发送的输出',
  'the page does not know how much it has shown': '页面不知道已显示多少输出',
  '{0}. Connect again.': '<0>。请重新连接。',
  // the end, as the person is told
  'The connection was given up before it stood.': '连接在建立之前已放弃。',
  'Disconnected: idle for {0}.': '已断开：空闲 <0>。',
  'Disconnected: the time limit of {0} is reached. Connect again to go on.':
    '已断开：达到最长会话时间 <0>。如需继续请重新连接。',
  'Disconnected: your permission expired for {0}. Ask an administrator to extend it.':
    '已断开：您对 {0} 的授权已到期。请联系管理员续期。',
  'Your access to {0} was withdrawn. Ask an administrator if you still need it.':
    '您对 {0} 的授权已被收回。如仍需使用，请联系管理员。',
  'Disconnected from {0}: {1}. Ask an administrator if you still need it.':
    '与 {0} 的连接已断开：<1>。如仍需使用，请联系管理员。',
  'Terminated by {0}.': '已被 <0> 终断。',
  'Disconnected: this session must be recorded and cannot be any more. Ask an administrator to check the disk of the bastion.':
    '已断开：该会话必须录像但无法继续录像。请联系管理员检查堡垒机的磁盘。',
  'Disconnected: the bastion is going down. Connect again when it is back.':
    '已断开：堡垒机正在停止。请在其恢复后重新连接。',
  'The connection to {0} was lost: {1}. Connect again to go on.': '与 {0} 的连接已中断：<1>。如需继续请重新连接。',
  'Disconnected: {0}.': '已断开：<0>。',
  'what was sent could not be read': '无法读取收到的数据',
  'the permission could not be checked': '无法检查授权',
  'the right to {0} is gone': '动作“[0]”的授权已被收回',
  'the action {0} is missing': '缺少动作“[0]”',
  'the target broke it off': '资产中断了连接',
  'The other side broke the SSH protocol: {0}': '对端违反 SSH 协议：<0>',
  'it sent more than the channel window': '发送的数据超过通道窗口',
  'it takes only {0} bytes per packet': '每个数据包只接收 {0} 字节',
  'The client asks on and on and reads no answer': '客户端不断请求而不读取应答',
  'the maximum packet size is too small': '最大数据包过小',
  '{0} day': '{0} 天',
  '{0} days': '{0} 天',
  '{0} hour': '{0} 小时',
  '{0} hours': '{0} 小时',
  '{0} minute': '{0} 分钟',
  '{0} minutes': '{0} 分钟',
  '{0} second': '{0} 秒',
  '{0} seconds': '{0} 秒',
  'the channels cannot be joined': '无法接通',
  // what becomes of a command
  'Command {0} is forbidden by the filter "{1}".': '命令 {0} 被过滤规则“{1}”禁止。',
  'Command {0} needs approval by an administrator. Waiting; Ctrl-C gives up.':
    '命令 {0} 需要管理员审批。正在等待，按 Ctrl-C 放弃。',
  'Command {0} needs approval by {1}. Waiting; Ctrl-C gives up.': '命令 {0} 需要 <1> 审批。正在等待，按 Ctrl-C 放弃。',
  'Approved by {0}.': '已由 {0} 批准。',
  'Refused by {0}; it does not run.': '已被 {0} 拒绝，不会执行。',
  'Given up; it does not run.': '已放弃，不会执行。',
  'Command {0} needs approval, and nobody can be asked just now. Try again, or ask an administrator.':
    '命令 {0} 需要审批，但目前无人可审批。请重试，或联系管理员。',
  'You may not {0}, and this command does: {1}; ask an administrator for it.':
    '您不能<0>，而该命令会这样做：<1>；请联系管理员。',
  '{0} others': '其他 {0} 人',
  // what is said while it runs
  'Unlocked by {0}.': '已由 {0} 解锁。',
  'Locked by {0}: what is typed is dropped until it is unlocked.': '已由 {0} 锁定：解锁前输入的内容将被丢弃。',
  'The bastion is going down in {0}: save your work and log out.': '堡垒机将在 <0> 后停止：请保存工作并退出登录。',
  '{0} watches this session by a link.': '{0} 正通过链接观看此会话。',
  '{0} no longer watches.': '{0} 已停止观看。',
  '{0} types along now.': '{0} 开始协同输入。',
  '{0} no longer types.': '{0} 已停止协同输入。',
  // sessions as things
  'There is no session {0}. See: bastion session list': '没有会话 {0}。可查看：bastion session list',
  'There is no such session.': '没有该会话。',
  'Session {0} is over already.': '会话 {0} 已结束。',
  'This session has ended already.': '该会话已结束。',
  'The session is over already.': '会话已结束。',
  'No live session has this id. `bastion session list --live` shows those there are.':
    '没有此 ID 的在线会话。`bastion session list --live` 可列出在线会话。',
  'No live session has this id; it may have ended, and have a recording.':
    '没有此 ID 的在线会话；它可能已结束并留有录像。',
  'Session {0} is a forwarded connection: of what goes through it there is nothing to watch but its counts.':
    '会话 {0} 是端口转发：除流量统计外没有可监控的内容。',
  'Session {0} has no terminal to watch; what it did so far is in its recording, which may be replayed now.':
    '会话 {0} 没有可监控的终端；到目前为止的内容在其录像中，现在即可回放。',
  'Session {0} has ended; replay it instead.': '会话 {0} 已结束，请改为回放录像。',
  'Your role does not allow watching sessions. Ask an administrator.': '您的角色不允许监控会话，请联系管理员。',
  'Your right to watch this session was withdrawn.': '您监控此会话的权限已被收回。',
  'You may look on here, and not type.': '您在此处只能观看，不能输入。',
  'Not so fast: wait a second, and try again.': '操作过快：请稍等一秒后重试。',
  // recordings
  'Session {0} has no recording.': '会话 {0} 没有录像。',
  'The recording of session {0} was removed by its age, as configured.': '会话 {0} 的录像已按配置过期删除。',
  'The recording of session {0} could not be finished; the log of the bastion says why.':
    '会话 {0} 的录像未能完成，原因见堡垒机的日志。',
  'The recording of session {0} is still being written. Try again in a moment.':
    '会话 {0} 的录像仍在写入，请稍后重试。',
  'The recording has no part {0}.': '录像没有第 {0} 段。',
  'There is no recording of session {0}. `bastion session list` shows which there are.':
    '没有会话 {0} 的录像。`bastion session list` 可列出现有录像。',
  'older than retention.recordings': '超过保留期限（retention.recordings）',
  // links to live sessions
  'No live session of yours is {0}.': '您没有在线会话 {0}。',
  'Only the person whose session it is may share it.': '只有会话的所有者可以分享。',
  'Your permission does not allow sharing this session: it needs the action share. Ask an administrator.':
    '您的授权不允许分享此会话：需要动作“会话分享”。请联系管理员。',
  'A session has {0} links at most. Take one back first.': '一个会话最多 {0} 个链接，请先收回一个。',
  'There is no link {0} to a live session of yours.': '您的在线会话没有链接 {0}。',
  'This link leads nowhere: it has expired, was taken back, is meant for others, or its session is over. Ask who gave it to you.':
    '此链接无效：可能已过期、已被收回、不是给您的，或者会话已结束。请向分享者索取新链接。',
  // reviews
  'There is no review {0}. See: bastion review list': '没有命令审批 {0}。可查看：bastion review list',
  'There is no such review. See: bastion review list': '没有该命令审批。可查看：bastion review list',
  'This command was {0} already; nothing is left to decide.': '该命令已被[0]，无需再处理。',
  'This command was {0} by {1} already; nothing is left to decide.': '该命令已由 {1} [0]，无需再处理。',
  'The command is too long to be reviewed; put it into a script and run that.':
    '命令过长，无法审批；请写入脚本后执行。',
  'No command waits under this id any more. See: bastion review list':
    '已没有此 ID 的等待命令。可查看：bastion review list',
  'The filter {0} forbids this command by now: deny it, or change the filter.':
    '过滤规则 {0} 现已禁止该命令：请拒绝，或修改规则。',
  '{0} gave up at the same moment, or somebody was quicker; see: bastion review list --all':
    '{0} 恰好已放弃，或其他人已先处理；可查看：bastion review list --all',
  'Somebody else has to decide about your own command.': '您自己的命令须由其他人审批。',
  'This command is for {0} to decide.': '该命令须由 <0> 审批。',
  // what a filter cannot take apart, and where in a line it found a command
  'it takes too many steps to take apart': '解析步骤过多',
  'it holds more than {0} commands': '包含超过 {0} 条命令',
  'more than {0} things stand inside each other': '嵌套超过 {0} 层',
  'it is longer than {0} characters': '超过 {0} 个字符',
  'it could not be taken apart': '无法解析',
  'input without echo, not kept': '未回显的输入，不保存',
  'an answer to a prompt for a secret, not kept': '对密码提示的输入，不保存',
  'a line that could not be read from the screen': '无法从屏幕读取的一行',
  'a full-screen program: keys typed in it are not parsed': '全屏程序：其中的按键未被解析',
  '{0}: keys typed in it are not parsed': '{0}：其中的按键未被解析',
  'perhaps: {0}': '可能是：{0}',
  'printf writes more than is followed': 'printf 输出的内容过多，无法跟踪',
  'function {0}': '函数 {0}',
  '{0} if empty': '{0} 为空时',
  'process substitution': '进程替换',
  'input of {0}': '{0} 的输入',
  'this filter': '此规则',
  'whole line': '整行',
  'all of it': '整行',
};
