/**
 * Takes a sealed file and the password that it opens under.
 */
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PasswordForm } from './PasswordForm.tsx';

/** Far above what any of our files has: a larger one is another file, and is not read. */
const FILE_BYTES_MAX = 1_048_576;

type FileFormProps = {
  readonly label: string;
  readonly submit: string;
  readonly busy: boolean;
  readonly onFile: (file: Uint8Array<ArrayBuffer>, password: string) => void;
};

export function FileForm({ label, submit, busy, onFile }: FileFormProps) {
  const { t } = useTranslation();
  const id = useId();
  const [file, setFile] = useState<File | null>(null);
  const isTooLarge = file !== null && file.size > FILE_BYTES_MAX;
  const onSubmit = async (password: string) => {
    if (file !== null && !isTooLarge) onFile(new Uint8Array(await file.arrayBuffer()), password);
  };
  return (
    <PasswordForm
      submit={submit}
      busy={busy}
      tone="quiet"
      onSubmit={(password) => void onSubmit(password)}
    >
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {/* The browser's own words would be in its language, and not in the one chosen here. */}
      <div className="relative flex min-h-11 items-center gap-3">
        <input
          id={id}
          type="file"
          required
          className="peer absolute inset-0 w-full cursor-pointer opacity-0"
          onChange={(event) => setFile(event.target.files?.[0] ?? null)}
        />
        <span
          aria-hidden="true"
          className="shrink-0 rounded-full border border-edge bg-card px-5 py-2 font-medium peer-hover:bg-sunken peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent"
        >
          {t('keyWork.chooseFile')}
        </span>
        <span className="min-w-0 truncate text-sm text-muted">
          {file?.name ?? t('keyWork.noFile')}
        </span>
      </div>
      {isTooLarge && <p role="alert">{t('keyWork.why.malformed')}</p>}
    </PasswordForm>
  );
}
