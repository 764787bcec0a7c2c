import type { Result } from '../../../../src/api/contract/route.ts';
import type { Routes } from '../../../../src/api/contract/routes.ts';
import { bytesText } from '../../kit/format.ts';
import { type Language, useLanguage } from '../../kit/words.ts';

export type Health = Result<Routes['system']['health']>;
type Check = Health['checks'][number];

/** By name and state of the check. What a sentence leaves open, such as days, stands only in the daemon's own. */
const CHINESE: Readonly<Record<string, string | ((health: Health) => string)>> = {
  'disk ok': ({ storage }) => `可用 ${bytesText(storage.diskFree)}，其中保留 ${bytesText(storage.diskReserve)}。`,
  'disk warn': ({ storage }) =>
    `磁盘空间即将不足：可用 ${bytesText(storage.diskFree)}，其中保留 ${bytesText(storage.diskReserve)}。`,
  'disk bad': ({ storage }) =>
    `可用 ${bytesText(storage.diskFree)}，低于保留的 ${bytesText(storage.diskReserve)}。必须录像的会话无法开始，请清理磁盘空间。`,
  'recordings ok': '最近没有录像失败。',
  'recordings warn': '最近有录像失败。',
  'host-keys ok': '没有资产的主机密钥发生变化。',
  'host-keys warn': ({ counts }) => `${counts.changedHostKeys} 个已变化的主机密钥等待接受。`,
  'reviews ok': '没有命令等待复核。',
  'reviews warn': ({ counts }) => `${counts.pendingReviews} 条命令等待复核。`,
  'audit ok': '审计日志暂时无需校验。',
  'audit warn': '审计日志已很久没有校验，请进行校验。',
  'audit bad': '上次校验审计日志时发现问题，请重新校验。',
  'certificate ok': '没有即将到期的 TLS 证书。',
  'certificate warn': 'TLS 证书将在一个月内到期。',
  'certificate bad': 'TLS 证书已过期或即将过期，请更新证书并重新启动堡垒机。',
  'clock ok': '系统时钟正常。',
  'clock bad': '系统时钟被调回：审计日志中有时间更晚的记录。',
};

function checkText({ name, state, text }: Check, health: Health, language: Language): string {
  if (language === 'en') return text;
  const sentence = CHINESE[`${name} ${state}`] ?? text;
  return typeof sentence === 'string' ? sentence : sentence(health);
}

/** What a check found, in the chosen language; a check that is not known here, in the daemon's words. */
export function useCheckText(): (check: Check, health: Health) => string {
  const language = useLanguage();
  return (check, health) => checkText(check, health, language);
}
