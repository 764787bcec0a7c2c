/** What a verification of the audit log finds. */
export const evidence: Readonly<Record<string, string>> = {
  'the record of the chain that was there is gone': '原有链的记录已丢失',
  'the log does not end with the row that was written last': '日志的末尾不是最后写入的一行',
  'the note of the last row is missing or not of this bastion': '末行的标记缺失，或不属于本堡垒机',
  'The saved head is damaged: its signature does not fit it.': '保存的链头已损坏：签名不符。',
  '{0} is of another chain ({1}); the log is of {2}. Either the head is of another bastion, or the log was begun anew.':
    '<0>属于另一条链（{1}）；日志属于 {2}。链头来自其他堡垒机，或日志已重新开始。',
  'The saved head of row {0}': '保存的第 {0} 行链头',
  'of another chain': '属于另一条链',
  '{0}, written {1}, is ahead of the log, which ends at row {2}: the newest rows were cut off.':
    '<0>（写于 {1}）超出日志末尾的第 {2} 行：最新的行已被截断。',
  'ahead of the log': '超出日志末尾',
  'older than the log, which retention lets begin at row {0}': '早于日志的开头：按保留期限，日志从第 {0} 行开始',
  'agrees with row {0}': '与第 {0} 行一致',
  '{0} does not fit the row that stands there: the log up to it was rewritten.': '<0>与该行不符：此前的日志已被改写。',
  'The note of the last row is missing or not of this bastion.': '末行的标记缺失，或不属于本堡垒机。',
  '{0} missing at the end: the newest rows were cut off.': '末尾缺失<0>：最新的行已被截断。',
  'Row {0} stands behind row {1}: rows were put in another order.': '第 {0} 行位于第 {1} 行之后：行的顺序被改变。',
  '{0} missing before this one.': '此行之前缺失<0>。',
  'Row {0} is not what was written at this place: it was changed, replaced or moved.':
    '第 {0} 行与此处写入的内容不符：已被修改、替换或移动。',
  'The bastion found the log changed when it started.': '堡垒机启动时发现日志已被改动。',
  'Row {0} has no hash: it was not written by this bastion.': '第 {0} 行没有哈希：不是由本堡垒机写入的。',
  'Row {0} has no seal: it was written without the key of this chain.': '第 {0} 行未加封：写入时没有此链的密钥。',
  'Row {0} does not bear the seal of this bastion: it was put in or rewritten by somebody else.':
    '第 {0} 行没有本堡垒机的加封：由他人插入或改写。',
  'Row {0} is': '第 {0} 行',
  'Rows {0} to {1} are': '第 {0} 至 {1} 行',
  'Session {0} has a recording of which the audit does not tell.': '会话 {0} 有录像，但审计日志没有记载。',
  'The row about the recording of session {0} names no hash.': '会话 {0} 的录像记录没有哈希。',
  'Session {0}, which has a recording, is no longer in the database.': '会话 {0} 有录像，但已不在数据库中。',
  'The row of session {0} tells another thing about its recording than the audit.':
    '会话 {0} 的记录与审计日志对其录像的记载不一致。',
  'The recording of session {0} is missing.': '会话 {0} 的录像缺失。',
  'The recording of session {0} is not the one that was stored: its SHA-256 is {1}, it was {2}.':
    '会话 {0} 的录像与保存时不一致：SHA-256 为 {1}，原为 {2}。',
};
