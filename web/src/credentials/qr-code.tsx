import { Box } from '@mantine/core';
import { create } from 'qrcode';
import { useMemo } from 'react';
import { useWords } from '../kit/words.ts';
import { credentialWords } from './words.ts';

/** The light edge that scanners need, in modules. */
const EDGE = 4;

/** A text as a QR code: drawn here, so that it goes nowhere. Always dark on light, which is what scanners read. */
export function QrCode({ text, size = 208 }: { readonly text: string; readonly size?: number }) {
  const t = useWords(credentialWords);
  const { path, side } = useMemo(() => {
    const { modules } = create(text, { errorCorrectionLevel: 'M' });
    let path = '';
    for (let y = 0; y < modules.size; y++)
      for (let x = 0; x < modules.size; x++) if (modules.get(y, x)) path += `M${x + EDGE} ${y + EDGE}h1v1h-1z`;
    return { path, side: modules.size + 2 * EDGE };
  }, [text]);
  return (
    <Box
      w={size}
      h={size}
      mx="auto"
      bg="white"
      style={{ borderRadius: 'var(--mantine-radius-md)', overflow: 'hidden' }}
    >
      <svg viewBox={`0 0 ${side} ${side}`} width={size} height={size} role="img" aria-label={t.qrLabel}>
        <path d={path} fill="#000" shapeRendering="crispEdges" />
      </svg>
    </Box>
  );
}
