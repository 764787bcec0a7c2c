import { defineWords } from '../../kit/words.ts';

export const hostKeyWords = defineWords(
  {
    title: 'Host keys',
    description:
      'By its host key a target proves that it is the same machine as before. The first connection remembers it; a changed one is refused until somebody here accepts it.',
    changedTitle: (n: number) =>
      n === 1 ? 'A target shows another key than before' : `${n} targets show other keys than before`,
    changedText:
      'Nobody is connected to it meanwhile. After a reinstallation or a changed address that is to be expected: compare the fingerprint with the machine’s own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub on its console), then accept. If nobody knows why, somebody may stand in between: do not accept.',
    pinnedBefore: 'Known until now',
    seenNow: 'Seen now',
    notKnown: 'no key of this type',
    accept: 'Accept the new key',
    acceptTitle: (asset: string) => `Trust the new key of ${asset}?`,
    acceptText:
      'Passwords and sessions go to whoever holds this key. Accept it only if it is the one the machine itself shows.',
    accepted: (asset: string) => `The new key of ${asset} counts from now on.`,
    forget: 'Forget',
    forgetTitle: (asset: string) => `Forget the host keys of ${asset}?`,
    forgetText: 'The next connection remembers whatever key it sees, without asking.',
    forgotten: (asset: string) => `The host keys of ${asset} are forgotten.`,
    asset: 'Asset',
    endpoint: 'Seen at',
    type: 'Type',
    fingerprint: 'Fingerprint',
    first: 'First seen',
    last: 'Last seen',
    emptyTitle: 'No host key is known yet',
    emptyText: 'The first connection to an asset, or a test of it, remembers its key. It stands here then.',
    emptyAsset: 'No host key is known yet. The first connection, or a test, remembers it.',
    all: 'Known keys',
  },
  {
    title: '主机密钥',
    description:
      '目标主机通过主机密钥证明自己仍是同一台机器。首次连接时会记住密钥；密钥变化后将拒绝连接，直到在此处接受。',
    changedTitle: (n: number) => `${n} 个资产的主机密钥与之前不同`,
    changedText:
      '在此期间无法连接该资产。重装系统或更换地址后出现属正常情况：请与主机自身显示的指纹核对（在其控制台执行 ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub），一致后再接受。如果无人知道原因，可能有人在中间冒充，请不要接受。',
    pinnedBefore: '之前的密钥',
    seenNow: '现在的密钥',
    notKnown: '没有此类型的密钥',
    accept: '接受新密钥',
    acceptTitle: (asset: string) => `信任 ${asset} 的新密钥？`,
    acceptText: '密码和会话将交给持有此密钥的一方。仅当它与主机自身显示的一致时才接受。',
    accepted: (asset: string) => `已接受 ${asset} 的新密钥。`,
    forget: '清除',
    forgetTitle: (asset: string) => `清除 ${asset} 的主机密钥？`,
    forgetText: '下次连接时会直接记住所见的密钥，不再询问。',
    forgotten: (asset: string) => `已清除 ${asset} 的主机密钥。`,
    asset: '资产',
    endpoint: '地址',
    type: '类型',
    fingerprint: '指纹',
    first: '首次发现',
    last: '最近发现',
    emptyTitle: '还没有已知的主机密钥',
    emptyText: '首次连接或测试资产时会记住其密钥，并列在这里。',
    emptyAsset: '还没有已知的主机密钥，首次连接或测试时会记住。',
    all: '已知密钥',
  },
);
