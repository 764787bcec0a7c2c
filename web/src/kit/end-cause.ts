import { defineWords, useWords } from './words.ts';

const causeWords = defineWords(
  {
    idle: 'Nobody typed for too long.',
    'max-time': 'It reached its time limit.',
    expired: 'The permission expired.',
    revoked: 'The permission was withdrawn.',
    terminated: (by: string) => (by === '' ? 'An administrator ended it.' : `${by} ended it.`),
    'recording-failed': 'It could not be recorded any more.',
    'target-closed': 'The person logged out, or the target closed the connection.',
    'client-closed': 'The person closed the connection.',
    'connect-failed': 'The target could not be reached.',
    'command-denied': 'Its command was not allowed.',
    'protocol-error': 'What was sent could not be understood.',
    shutdown: 'The bastion went down.',
    interrupted: 'The bastion was interrupted.',
  },
  {
    idle: '长时间没有输入。',
    'max-time': '已达到最长会话时间。',
    expired: '授权已过期。',
    revoked: '授权已被撤回。',
    terminated: (by: string) => (by === '' ? '管理员终断了会话。' : `${by} 终断了会话。`),
    'recording-failed': '无法继续录像。',
    'target-closed': '用户已退出登录，或目标资产关闭了连接。',
    'client-closed': '用户关闭了连接。',
    'connect-failed': '无法连接到目标资产。',
    'command-denied': '命令未被允许。',
    'protocol-error': '无法识别收到的数据。',
    shutdown: '堡垒机已停止服务。',
    interrupted: '堡垒机意外中断。',
  },
);

/** Why a session ended, as a sentence. */
export function useCauseText(): (cause: string, detail: string | null) => string {
  const t = useWords(causeWords);
  return (cause, detail) => {
    if (cause === 'terminated') return t.terminated(detail ?? '');
    const text = (t as Readonly<Record<string, unknown>>)[cause];
    return typeof text === 'string' ? text : cause;
  };
}
