import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import type { words } from './words.ts';

type Texts = Pick<
  (typeof words)['en'] | (typeof words)['zh-CN'],
  'openLink' | 'openLinkText' | 'openIt' | 'doNotOpen' | 'notOpened'
>;

/** Opens an address that a program wrote, after the person has seen it. Only web addresses are opened at all. */
export function askLink(url: string, t: Texts): void {
  const web = /^https?:\/\//i.test(url);
  modals.openConfirmModal({
    title: <Text fw={600}>{t.openLink}</Text>,
    children: (
      <>
        <Text size="sm">{web ? t.openLinkText : t.notOpened}</Text>
        <Text className="mono" size="sm" mt="xs" style={{ overflowWrap: 'anywhere' }}>
          {url.slice(0, 2000)}
        </Text>
      </>
    ),
    labels: { confirm: t.openIt, cancel: t.doNotOpen },
    confirmProps: { disabled: !web },
    onConfirm: () => window.open(url, '_blank', 'noopener,noreferrer'),
  });
}
