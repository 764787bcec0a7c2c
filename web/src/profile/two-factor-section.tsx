import { Alert, Button, Group, Paper, Text, ThemeIcon } from '@mantine/core';
import { IconInfoCircle, IconShieldCheck, IconShieldOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useFaultText } from '../credentials/faults.ts';
import { RecoveryCodes } from '../credentials/recovery-codes.tsx';
import { TotpEnrolment } from '../credentials/totp-enrolment.tsx';
import { credentialWords } from '../credentials/words.ts';
import { ApiError, api, queries } from '../kit/api.ts';
import { useMe } from '../kit/me.ts';
import { Page } from '../kit/page.tsx';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { useProve } from './prove.tsx';
import { profileWords } from './words.ts';

type Stage =
  | { readonly kind: 'enrol'; readonly uri: string; readonly secretText: string }
  | { readonly kind: 'codes'; readonly codes: readonly string[] };

const again = () => queries.invalidateQueries({ queryKey: ['me'] });

/** Verification codes: set up, moved to another device, turned off. */
export function TwoFactorSection() {
  const t = useWords(profileWords);
  const c = useWords(credentialWords);
  const me = useMe();
  const tell = useTell();
  const prove = useProve();
  const faultText = useFaultText(me.passwordMinLength);
  const [stage, setStage] = useState<Stage>();
  const [error, setError] = useState<string>();

  const begin = () =>
    prove({
      text: me.totpEnabled ? t.moveText : t.twoFactorOffText,
      action: t.go,
      async run(password) {
        setStage({ kind: 'enrol', ...(await api.me.beginTotp({ password })) });
      },
    });
  const confirm = async (code: string) => {
    setError(undefined);
    try {
      const { recoveryCodes } = await api.me.confirmTotp({ code: code.replaceAll(' ', '') });
      setStage({ kind: 'codes', codes: recoveryCodes });
      await again();
    } catch (thrown) {
      setError(thrown instanceof ApiError && thrown.code === 'invalid' ? c.wrongCode : faultText(thrown));
    }
  };
  const turnOff = () =>
    prove({
      text: t.turnOffText,
      color: 'red',
      action: t.turnOff,
      async run(password) {
        await api.me.removeTotp({ password });
        await again();
        tell.done(t.turnedOff);
      },
    });

  return (
    <Page title={t.twoFactor} description={t.twoFactorText}>
      {stage ? (
        <Paper withBorder p="lg" maw={440}>
          {stage.kind === 'enrol' ? (
            <>
              <TotpEnrolment uri={stage.uri} secretText={stage.secretText} confirm={confirm} error={error} />
              <Button variant="subtle" color="gray" fullWidth mt="xs" onClick={() => setStage(undefined)}>
                {t.cancel}
              </Button>
            </>
          ) : (
            <RecoveryCodes
              codes={stage.codes}
              name={me.name}
              done={() => {
                setStage(undefined);
                tell.done(t.turnedOn);
              }}
            />
          )}
        </Paper>
      ) : (
        <Paper withBorder p="lg" maw={640}>
          <Group gap="md" wrap="nowrap" align="flex-start">
            <ThemeIcon size={44} radius="xl" variant="light" color={me.totpEnabled ? 'teal' : 'gray'}>
              {me.totpEnabled ? <IconShieldCheck size={24} /> : <IconShieldOff size={24} />}
            </ThemeIcon>
            <div>
              <Text fw={600}>{me.totpEnabled ? t.twoFactorOn : t.twoFactorOff}</Text>
              <Text size="sm" c="dimmed">
                {me.totpEnabled ? t.twoFactorOnText : t.twoFactorOffText} {me.totpRequired && t.twoFactorRequired}
              </Text>
              {me.hasPassword === false ? (
                <Alert variant="light" icon={<IconInfoCircle size={18} />} mt="md">
                  <Text size="sm">{t.noPassword}</Text>
                </Alert>
              ) : (
                <Group mt="md" gap="xs">
                  <Button onClick={begin} variant={me.totpEnabled ? 'default' : 'filled'}>
                    {me.totpEnabled ? t.setUpAnew : t.setUp}
                  </Button>
                  {me.totpEnabled && !me.totpRequired && (
                    <Button variant="subtle" color="red" onClick={turnOff}>
                      {t.turnOff}
                    </Button>
                  )}
                </Group>
              )}
            </div>
          </Group>
        </Paper>
      )}
    </Page>
  );
}
