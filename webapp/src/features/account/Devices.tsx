/**
 * The devices that are signed in to the account: which one this is, when each was used last, and
 * a way to end every other one.
 */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppModel, AppView, Device } from '../../app/model.ts';
import { faultTrace, faultWords } from '../../i18n/fault-words.ts';
import { Button } from '../../ui/Button.tsx';
import { FaultNotice } from '../../ui/FaultNotice.tsx';
import { Spinner } from '../../ui/Spinner.tsx';
import { AccountOutcome } from './AccountOutcome.tsx';
import { deviceNameOf } from './device-words.ts';

type SignedIn = Extract<AppView, { at: 'signedIn' }>;

type DevicesProps = {
  readonly view: Pick<SignedIn, 'devices' | 'accountWork'>;
  readonly model: Pick<AppModel, 'lookAtDevices' | 'endDevice'>;
};

export function Devices({ view, model }: DevicesProps) {
  const { t } = useTranslation();
  const { devices, accountWork } = view;
  const list = useRef<HTMLUListElement>(null);
  const count = devices.is === 'answered' ? devices.value.length : 0;

  useEffect(() => model.lookAtDevices(), [model]);

  // The button of a device that was ended is gone, and would take the focus with it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at when a device is gone.
  useEffect(() => {
    if (document.activeElement === document.body) list.current?.focus();
  }, [count]);

  return (
    <>
      <p role="status" className={devices.is === 'asking' ? 'flex items-center gap-2' : 'sr-only'}>
        {devices.is === 'asking' && <Spinner />}
        {devices.is === 'asking' && t('devices.asking')}
        {devices.is === 'answered' && t('devices.count', { count })}
      </p>
      {devices.is === 'failed' && (
        <FaultNotice words={faultWords(t, devices.fault)} trace={faultTrace(t, devices.fault)} />
      )}
      <AccountOutcome work={accountWork} about="endDevice" />
      {devices.is === 'answered' && (
        <ul
          ref={list}
          tabIndex={-1}
          aria-label={t('devices.title')}
          className="flex flex-col gap-2"
        >
          {devices.value.map((device) => (
            <DeviceRow
              key={device.id}
              device={device}
              busy={accountWork.is === 'busy'}
              onEnd={() => model.endDevice(device.id)}
            />
          ))}
        </ul>
      )}
    </>
  );
}

type DeviceRowProps = {
  readonly device: Device;
  readonly busy: boolean;
  readonly onEnd: () => void;
};

function DeviceRow({ device, busy, onEnd }: DeviceRowProps) {
  const { t, i18n } = useTranslation();
  const { browser, system } = deviceNameOf(device.userAgent);
  const name =
    browser !== null && system !== null
      ? t('devices.on', { browser, system })
      : (browser ?? system ?? t('devices.unknown'));
  const used = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-2xl bg-sunken px-4 py-3">
      <div className="min-w-0 flex-1 basis-44">
        <p className="font-medium break-words">{name}</p>
        {device.current && <p className="text-sm font-medium text-accent">{t('devices.this')}</p>}
        <p className="text-sm text-muted">
          {t('devices.used', { at: used.format(device.usedAt) })}
        </p>
        <p className="text-sm wrap-anywhere text-muted">
          {t('devices.from', { address: device.address })}
        </p>
      </div>
      {!device.current && (
        <Button busy={busy} aria-label={t('devices.endOf', { name })} onClick={onEnd}>
          {t('devices.end')}
        </Button>
      )}
    </li>
  );
}
