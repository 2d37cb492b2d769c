/**
 * What came of looking after the account, where it was asked for.
 */
import { useTranslation } from 'react-i18next';
import type { AccountTask, AccountWork } from '../../app/model.ts';
import { faultTrace, faultWords } from '../../i18n/fault-words.ts';
import { FaultNotice } from '../../ui/FaultNotice.tsx';
import { Notice } from '../../ui/Notice.tsx';

type AccountOutcomeProps = { readonly work: AccountWork; readonly about: AccountTask };

export function AccountOutcome({ work, about }: AccountOutcomeProps) {
  const { t } = useTranslation();
  if (work.is === 'idle' || work.is === 'busy' || work.what !== about) return null;
  if (work.is === 'done') {
    return (
      <Notice tone="calm" role="status">
        {t(`account.done.${about}`)}
      </Notice>
    );
  }
  // Of the two that sign in with, only the password was asked for here.
  const words =
    work.fault.code === 'INVALID_CREDENTIALS'
      ? t('account.wrongPassword')
      : faultWords(t, work.fault);
  return <FaultNotice words={words} trace={faultTrace(t, work.fault)} />;
}
