import { TagsInput } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '../../kit/words.ts';
import { assetFormWords } from './form-words.ts';

const LABEL = /^([^=,\s]+)=(.*)$/;

/** Labels as `key=value`; a key stands once, the last one counts. */
export function LabelsInput(props: {
  readonly value: Readonly<Record<string, string>>;
  readonly onChange: (value: Readonly<Record<string, string>>) => void;
}) {
  const { value, onChange } = props;
  const t = useWords(assetFormWords);
  const [wrong, setWrong] = useState(false);
  return (
    <TagsInput
      label={t.labels}
      description={t.labelsHint}
      placeholder={Object.keys(value).length === 0 ? 'env=prod' : undefined}
      error={wrong ? t.labelWrong : undefined}
      value={Object.entries(value).map(([key, text]) => `${key}=${text}`)}
      onChange={(tags) => {
        const labels = tags.map((tag) => LABEL.exec(tag.trim()));
        setWrong(labels.some((label) => label === null));
        onChange(Object.fromEntries(labels.flatMap((label) => (label ? [[label[1]!, label[2]!]] : []))));
      }}
    />
  );
}
