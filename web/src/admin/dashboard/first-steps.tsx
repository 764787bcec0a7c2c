import { Badge, Button, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheckFilled, IconCircleDashed } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api } from '../../kit/api.ts';
import { useWords } from '../../kit/words.ts';
import { thingPath } from '../thing-path.ts';
import { useHealth } from '../waiting.ts';
import { dashboardWords } from './words.ts';

/** Leads from an empty house to the first person on their machine; gone once everything is there. */
export function FirstSteps() {
  const t = useWords(dashboardWords);
  const health = useHealth();
  const counts = health.data?.counts;
  const started = counts !== undefined && counts.assets > 0 && counts.users > 1 && counts.permissions > 0;
  const accounts = useQuery({
    queryKey: ['accounts', 'any'],
    queryFn: async () => {
      const [{ total }, assets] = await Promise.all([api.accounts.list({ limit: 1 }), api.assets.list({ limit: 1 })]);
      return { total, asset: assets.items[0]?.name };
    },
  });
  if (!counts || !accounts.data || (started && accounts.data.total > 0)) return null;
  const { total, asset } = accounts.data;
  const steps = [
    { word: t.stepAsset, text: t.stepAssetText, done: counts.assets > 0, href: '/admin/assets?new=1' },
    {
      word: t.stepAccount,
      text: t.stepAccountText,
      done: total > 0,
      href: asset === undefined ? undefined : `${thingPath('assets', asset)}?account=`,
    },
    { word: t.stepUser, text: t.stepUserText, done: counts.users > 1, href: '/admin/users?new=1' },
    {
      word: t.stepPermission,
      text: t.stepPermissionText,
      done: counts.permissions > 0,
      href: '/admin/permissions/new',
    },
  ];
  const next = steps.find((step) => !step.done);
  return (
    <Paper withBorder p="lg" component="section" aria-label={t.firstTitle}>
      <Title order={2}>{t.firstTitle}</Title>
      <Text size="sm" c="dimmed" mb="md">
        {t.firstText}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }} component="ol" p={0} m={0} style={{ listStyle: 'none' }}>
        {steps.map((step) => (
          <Stack key={step.word} component="li" gap={6}>
            <Group gap={6}>
              {step.done ? (
                <IconCircleCheckFilled size={18} color="var(--mantine-color-teal-6)" />
              ) : (
                <IconCircleDashed size={18} />
              )}
              <Text size="sm" fw={600} c={step.done ? 'dimmed' : undefined}>
                {step.word}
              </Text>
              {step.done && <Badge color="teal">{t.doneStep}</Badge>}
            </Group>
            <Text size="sm" c="dimmed" flex={1}>
              {step.text}
            </Text>
            {!step.done &&
              (step.href === undefined ? (
                <Button size="xs" variant="default" disabled w="fit-content">
                  {step.word}
                </Button>
              ) : (
                <Button
                  size="xs"
                  w="fit-content"
                  component={Link}
                  href={step.href}
                  variant={step === next ? 'filled' : 'default'}
                >
                  {step.word}
                </Button>
              ))}
          </Stack>
        ))}
      </SimpleGrid>
    </Paper>
  );
}
