/**
 * Blocking somebody, after saying what it means.
 */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Person } from '../../app/model.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Icon } from '../../ui/Icon.tsx';

type BlockPersonProps = { readonly person: Person; readonly onBlock: (person: Person) => void };

export function BlockPerson({ person, onBlock }: BlockPersonProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const { name } = person;
  return (
    <>
      <IconButton
        label={t('people.blockOf', { name })}
        aria-haspopup="dialog"
        onClick={() => setAsking(true)}
      >
        <Icon name="block" />
      </IconButton>
      {asking && (
        <Dialog
          title={t('people.blockTitle', { name })}
          closeLabel={t('people.notBlock')}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>{t('people.notBlock')}</Button>
              <Button
                tone="danger"
                onClick={() => {
                  setAsking(false);
                  onBlock(person);
                }}
              >
                {t('people.block')}
              </Button>
            </>
          }
        >
          <p>{t('people.blockMeans', { name })}</p>
        </Dialog>
      )}
    </>
  );
}
