import { defineWords } from '../kit/words.ts';

const WHY = {
  cancelled: ['The transfer was cancelled.', '传输已取消。'],
  broken: [
    'The transfer broke off. Try again, or use the files beside the terminal.',
    '传输中断。请重试，或使用终端旁的文件管理。',
  ],
  'too-large': [
    'The file is too large for this way. Use the files beside the terminal.',
    '文件过大，无法以此方式传输。请使用终端旁的文件管理。',
  ],
} as const;

/** Files by sz and rz. */
export const transferWords = defineWords(
  {
    offerReceive: 'A program (sz) wants to send you files',
    offerSend: 'A program (rz) waits for files from you',
    receive: 'Receive',
    choose: 'Choose files…',
    receiving: 'Receiving',
    sending: 'Sending',
    received: (n: number) => (n === 1 ? '1 file was received' : `${n} files were received`),
    sent: (n: number) => (n === 1 ? '1 file was sent' : `${n} files were sent`),
    skipped: (names: string) => `Not taken, probably because they exist there: ${names}`,
    failed: (why: keyof typeof WHY) => WHY[why][0] as string,
  },
  {
    offerReceive: '程序（sz）要向您发送文件',
    offerSend: '程序（rz）正在等待您的文件',
    receive: '接收',
    choose: '选择文件…',
    receiving: '正在接收',
    sending: '正在发送',
    received: (n: number) => `已接收 ${n} 个文件`,
    sent: (n: number) => `已发送 ${n} 个文件`,
    skipped: (names: string) => `未被接收（目标上可能已存在）：${names}`,
    failed: (why: keyof typeof WHY) => WHY[why][1] as string,
  },
);
