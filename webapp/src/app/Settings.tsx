/**
 * What a person looks after now and then: notices and looks, devices, the password, who is
 * blocked, and the ways to part for good.
 */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ChangePassword } from '../features/account/ChangePassword.tsx';
import { Devices } from '../features/account/Devices.tsx';
import { DeleteAccount, ForgetDevice } from '../features/account/Partings.tsx';
import { BlockedPeople } from '../features/people/BlockedPeople.tsx';
import { NoticesSwitch } from '../features/preferences/NoticesSwitch.tsx';
import { ThemeChoice } from '../features/preferences/ThemeChoice.tsx';
import { BrowserSupport } from '../features/threshold/BrowserSupport.tsx';
import { abilitiesHere } from '../platform/abilities.ts';
import type { Notices } from '../platform/notices.ts';
import { IconButton } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Disclosure } from '../ui/Disclosure.tsx';
import { Icon } from '../ui/Icon.tsx';
import type { AppModel, AppView } from './model.ts';

type SettingsProps = {
  readonly view: Extract<AppView, { at: 'signedIn' }>;
  readonly model: AppModel;
  readonly notices: Notices;
};

export function Settings(props: SettingsProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <>
      <IconButton label={t('settings.title')} aria-haspopup="dialog" onClick={() => setShown(true)}>
        <Icon name="settings" />
      </IconButton>
      {shown && (
        <Dialog
          title={t('settings.title')}
          closeLabel={t('settings.close')}
          onClose={() => {
            setShown(false);
            props.model.putAccountAway();
          }}
        >
          <Parts {...props} />
        </Dialog>
      )}
    </>
  );
}

function Parts({ view, model, notices }: SettingsProps) {
  const { t } = useTranslation();
  const [noticeState, setNoticeState] = useState(() => notices.state());
  return (
    <div>
      <div className="flex flex-col gap-4 pb-5">
        <NoticesSwitch
          state={noticeState}
          onSwitch={(on) => void notices.turn(on).then(setNoticeState)}
        />
        <ThemeChoice />
      </div>
      <Disclosure title={t('devices.title')} open>
        <Devices view={view} model={model} />
      </Disclosure>
      <Disclosure title={t('people.blocked')}>
        <BlockedPeople people={view.blocked} model={model} />
      </Disclosure>
      <Disclosure title={t('support.title')}>
        <BrowserSupport abilities={abilitiesHere()} />
      </Disclosure>
      <Disclosure title={t('account.changeTitle')}>
        <ChangePassword view={view} model={model} />
      </Disclosure>
      <Disclosure title={t('account.forgetTitle')}>
        <ForgetDevice keyState={view.key} model={model} />
      </Disclosure>
      <Disclosure title={t('account.deleteTitle')}>
        <DeleteAccount view={view} model={model} />
      </Disclosure>
    </div>
  );
}
