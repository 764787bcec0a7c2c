import { Paper, SegmentedControl, Stack, Text, useMantineColorScheme } from '@mantine/core';
import { Page } from '../kit/page.tsx';
import { LANGUAGES, type Language, setLanguage, useLanguage, useWords } from '../kit/words.ts';
import { profileWords } from './words.ts';

/** Language and colours of the pages. */
export function AppearanceSection() {
  const t = useWords(profileWords);
  const language = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Page title={t.appearance} description={t.coloursText}>
      <Paper withBorder p="lg" maw={560}>
        <Stack gap="lg">
          <div>
            <Text size="sm" fw={500} mb={6} id="appearance-language">
              {t.language}
            </Text>
            <SegmentedControl
              aria-labelledby="appearance-language"
              value={language}
              onChange={(value) => setLanguage(value as Language)}
              data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
            />
          </div>
          <div>
            <Text size="sm" fw={500} mb={6} id="appearance-colours">
              {t.colours}
            </Text>
            <SegmentedControl
              aria-labelledby="appearance-colours"
              value={colorScheme}
              onChange={(value) => setColorScheme(value as typeof colorScheme)}
              data={[
                { value: 'light', label: t.light },
                { value: 'dark', label: t.dark },
                { value: 'auto', label: t.system },
              ]}
            />
          </div>
        </Stack>
      </Paper>
    </Page>
  );
}
