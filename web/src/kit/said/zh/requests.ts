/** How calls are made: bodies, roles, lists, what a schema finds wrong; and the daemon itself. */
export const requests: Readonly<Record<string, string>> = {
  // what is asked
  'There is no such call. GET, POST, PATCH and DELETE under /api/v1 are described in the documentation.':
    '没有该接口。/api/v1 下的 GET、POST、PATCH 和 DELETE 均在文档中说明。',
  'There is nothing here. The API stands under {0}.': '这里没有内容。API 位于 {0}。',
  'This call needs an API token: send "Authorization: Bearer TOKEN" ("bastion token add USER" makes one).':
    '该接口需要 API 令牌：请发送“Authorization: Bearer TOKEN”（可用“bastion token add USER”创建）。',
  'This is only done on the bastion itself, with the bastion command as the owner of its data.':
    '此操作只能在堡垒机本机上，由数据所有者使用 bastion 命令完成。',
  'Your role does not allow this: "{0}". Ask an administrator.': '您的角色不允许此操作：“{0}”。请联系管理员。',
  'needs {0}': '需要 {0}',
  'A query parameter is given twice.': '查询参数重复。',
  'Send the body as JSON with "Content-Type: application/json".':
    '请以 JSON 发送正文，并带上“Content-Type: application/json”。',
  'The body is not valid JSON.': '正文不是有效的 JSON。',
  'The body is larger than {0} bytes, which is as much as this call takes.': '正文超过此接口允许的 {0} 字节。',
  'The request was broken off.': '请求中断。',
  'The upload was broken off.': '上传中断。',
  'The upload was broken off: nothing came, or nothing was taken, for too long.':
    '上传中断：长时间没有数据到达或被接收。',
  'The path is not validly encoded or too long.': '路径编码无效或过长。',
  'The Host header must name one host.': 'Host 头必须指明一个主机。',
  'This request comes from a page of another address. Open the bastion under the address that http.public_url names.':
    '该请求来自其他地址的页面。请通过 http.public_url 所写的地址打开堡垒机。',
  'A change with a session cookie needs the header "{0}: 1".': '使用会话 Cookie 的修改操作需要请求头“{0}: 1”。',
  'There is no such WebSocket.': '没有该 WebSocket。',
  'This is no WebSocket of version 13: {0}.': '这不是版本 13 的 WebSocket：{0}。',
  'A WebSocket begins with GET.': 'WebSocket 以 GET 开始。',
  'A WebSocket with a session cookie needs an Origin.': '使用会话 Cookie 的 WebSocket 需要 Origin。',
  'A WebSocket is for who is signed in; sign in first.': 'WebSocket 仅供已登录用户使用，请先登录。',
  'after: is no place in this list as it is sorted; leave it out to begin again.':
    'after：不是该列表当前排序中的位置；去掉它可从头开始。',
  'This is not where a search can go on: pass "next" of the page before as "after".':
    '无法从此处继续搜索：请将上一页的“next”作为“after”传入。',
  'The span is empty: "since" must be earlier than "until".':
    '时间段为空：开始时间（since）必须早于结束时间（until）。',
  'Ask for three years at most: choose a later "since" or an earlier "until".':
    '最多查询三年：请推后开始时间（since）或提前结束时间（until）。',
  'A part is a number; 0 is the first.': '分段须为数字，从 0 开始。',
  'Something went wrong inside the bastion; its log has the details.': '堡垒机内部出错，详情见其日志。',
  'The bastion answered with HTTP status {0}.': '堡垒机返回了 HTTP 状态 {0}。',
  // the daemon and its data
  'The daemon is not running. Start it with "bastion serve".': '守护进程未运行，请用“bastion serve”启动。',
  'Testing a target needs the running daemon: start it with "bastion serve".':
    '测试资产需要守护进程运行：请用“bastion serve”启动。',
  'No command waits: the daemon is not running. Start it with "bastion serve".':
    '没有等待的命令：守护进程未运行，请用“bastion serve”启动。',
  'No session is live: the daemon is not running. Start it with "bastion serve".':
    '没有在线会话：守护进程未运行，请用“bastion serve”启动。',
  'The files of an asset are reached through the running daemon: bastion serve.':
    '访问资产的文件需要守护进程运行：bastion serve。',
  'Another program holds the database; end it and try again.': '数据库被其他程序占用，请结束该程序后重试。',
  'The disk that holds the data directory is full; nothing was saved. Free some space and try again.':
    '数据目录所在磁盘已满，未保存任何内容。请清理空间后重试。',
  'The database file cannot be read or written; nothing was saved. Check the disk and the rights of the data directory.':
    '无法读写数据库文件，未保存任何内容。请检查磁盘和数据目录的权限。',
  'The database file is damaged. Stop the bastion and restore bastion.db from a backup or a snapshot.':
    '数据库文件已损坏。请停止堡垒机，并从备份或快照恢复 bastion.db。',
  'The thread that holds the database ended unexpectedly; restart the bastion.':
    '数据库线程意外结束，请重新启动堡垒机。',
  'The database is closed; the bastion is stopping.': '数据库已关闭，堡垒机正在停止。',
  'The bastion is stopping.': '堡垒机正在停止。',
  'The index of what recordings show had to be opened anew; try again in a while.':
    '录像文本索引需要重新打开，请稍后重试。',
  'This recording cannot be read.': '无法读取该录像。',
  'The secret in {0} is damaged; store it anew.': '{0} 中的凭据已损坏，请重新保存。',
  'The secret in {0} was sealed under another master key; store it anew.':
    '{0} 中的凭据由另一个主密钥加密，请重新保存。',
  'The secret in {0} was changed or moved outside the bastion; store it anew.':
    '{0} 中的凭据在堡垒机之外被修改或移动，请重新保存。',
  'A secret was changed while the master key was being replaced; try again.': '更换主密钥期间有凭据被修改，请重试。',
  'The master key was replaced in this moment; try again.': '主密钥刚刚被更换，请重试。',
  // how it is, in a sentence for each part
  '{0} free, {1} of them reserved.': '可用 {0}，其中保留 {1}。',
  '{0} Sessions that must be recorded cannot begin: make room.': '<0>必须录像的会话无法开始：请清理磁盘空间。',
  '{0} recordings failed {1}.': '<1>有 {0} 个录像失败。',
  'No recording failed {0}.': '<0>没有录像失败。',
  'in the last {0} days': '最近 {0} 天',
  '{0} changed host keys wait to be accepted.': '{0} 个已变化的主机密钥等待接受。',
  'No host key of a target has changed.': '没有资产的主机密钥发生变化。',
  '{0} commands wait for approval.': '{0} 条命令等待审批。',
  'No command waits for approval.': '没有命令等待审批。',
  'The audit log was not verified yet (bastion audit verify).': '审计日志尚未校验（bastion audit verify）。',
  'The last verification of the audit log found something; verify it again.':
    '上次校验审计日志时发现问题，请重新校验。',
  'The audit log was verified today.': '审计日志已于今天校验。',
  'The audit log was verified yesterday.': '审计日志已于昨天校验。',
  'The audit log was verified {0} days ago.': '审计日志已于 {0} 天前校验。',
  'This process uses no TLS certificate.': '本进程未使用 TLS 证书。',
  'The TLS certificate has expired: renew it and restart.': 'TLS 证书已过期：请更新并重新启动。',
  'The TLS certificate is valid for {0} more days.': 'TLS 证书还有 {0} 天有效期。',
  'The clock was set back: the audit log holds rows of a later time.': '系统时钟被调回：审计日志中有时间更晚的记录。',
  'The clock goes forward.': '系统时钟正常。',
  // what a schema finds wrong, behind the name of the field
  'must not be empty': '不能为空',
  'needs at least {0} characters': '至少需要 {0} 个字符',
  'needs at least {0}': '至少需要 {0} 项',
  'must be at least {0}': '不能小于 {0}',
  'is longer than {0} characters': '超过 {0} 个字符',
  'holds more than {0}': '超过 {0} 项',
  'must be at most {0}': '不能大于 {0}',
  'must be a host name, an IPv4 or an IPv6 address (without brackets or port; a port belongs to the protocol, as in ssh:2222)':
    '必须是主机名、IPv4 或 IPv6 地址（不带方括号和端口；端口写在协议中，例如 ssh:2222）',
  'may not hold = , or white space': '不能包含 =、逗号或空白字符',
  'must be one line without control characters': '必须是一行，且不含控制字符',
  'must be a name without white space around it': '名称前后不能有空白字符',
  'may not hold @ # : / or white space': '不能包含 @ # : / 或空白字符',
  'is no name': '不是有效的名称',
  'must not be empty or begin with @': '不能为空，也不能以 @ 开头',
  'must be an absolute path such as /prod/web': '必须是绝对路径，例如 /prod/web',
  'must be an absolute path': '必须是绝对路径',
  'must be written as key=value': '必须写成 key=value',
  'may hold logins, @all, @user and @input': '可以填写账号、@all、@user 和 @input',
  'must be a host name or an address': '必须是主机名或地址',
};
