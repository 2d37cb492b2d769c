/**
 * The living page: every piece of `src/ui` in each of its states, in the system's theme or the one
 * that is pressed. It is built for tests and for whoever works on the pieces, and is no part of the product.
 * `npm run gallery` serves it.
 */
import { type ReactNode, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { PICTURES } from '../../src/core/trust/pictures.ts';
import { Avatar } from '../../src/ui/Avatar.tsx';
import { Button, IconButton } from '../../src/ui/Button.tsx';
import { Dialog } from '../../src/ui/Dialog.tsx';
import { Disclosure } from '../../src/ui/Disclosure.tsx';
import { FaultNotice } from '../../src/ui/FaultNotice.tsx';
import { Field } from '../../src/ui/Field.tsx';
import { HexGroups } from '../../src/ui/HexGroups.tsx';
import { ICON_NAMES, Icon } from '../../src/ui/Icon.tsx';
import { Mark } from '../../src/ui/Mark.tsx';
import { Notice } from '../../src/ui/Notice.tsx';
import { Picture } from '../../src/ui/Picture.tsx';
import { type Anchor, Popover } from '../../src/ui/Popover.tsx';
import { QrCode } from '../../src/ui/QrCode.tsx';
import { Ring } from '../../src/ui/Ring.tsx';
import { Spinner } from '../../src/ui/Spinner.tsx';
import { Switch } from '../../src/ui/Switch.tsx';
import { Thread, type ThreadState } from '../../src/ui/Thread.tsx';
import { applyTheme, type Theme } from '../../src/ui/theme.ts';
import { fixLook } from './fixed.ts';
import './gallery.css';

const somebody = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'].map((name) => ({
  id: `id-of-${name}`,
  name,
}));
const [alice, bob] = somebody as [Somebody, Somebody];
type Somebody = { readonly id: string; readonly name: string };

const TONES = ['primary', 'quiet', 'plain', 'danger'] as const;
const NOTICES = ['calm', 'warn', 'danger'] as const;
const THREADS: readonly ThreadState[] = [
  'reaching',
  'ringing',
  'secure',
  'absent',
  'broken',
  'blocked',
];
const COLORS = [
  'bg-paper',
  'bg-card',
  'bg-sunken',
  'bg-rule',
  'bg-edge',
  'bg-ink',
  'bg-muted',
  'bg-accent',
  'bg-accent-strong',
  'bg-mine',
  'bg-theirs',
  'bg-danger',
  'bg-danger-soft',
  'bg-warn',
  'bg-warn-soft',
];

/** Each piece by the name of its file in `src/ui`. */
const PIECES: Readonly<Record<string, () => ReactNode>> = {
  Avatar: () => somebody.map((person) => <Avatar key={person.id} of={person} />),
  Button: () => (
    <>
      {TONES.map((tone) => (
        <Button key={tone} tone={tone}>
          {tone}
        </Button>
      ))}
      <Button busy>busy</Button>
      <Button disabled>disabled</Button>
      <IconButton label="settings">
        <Icon name="settings" />
      </IconButton>
    </>
  ),
  Dialog: () => <OpensDialog />,
  Disclosure: () => (
    <div className="w-full">
      <Disclosure title="opened" open>
        <p>what it says</p>
      </Disclosure>
      <Disclosure title="closed">
        <p>what it does not say</p>
      </Disclosure>
    </div>
  ),
  FaultNotice: () => <FaultNotice words="Something went wrong." trace="4f1c9ab27d60e853" />,
  Field: () => (
    <div className="flex w-full flex-col gap-4">
      <Field label="empty" placeholder="what to write" hint="what is asked of it" />
      <Field label="filled" defaultValue="quinces" />
    </div>
  ),
  HexGroups: () => <HexGroups heading="Fingerprint" value={'27e1b864'.repeat(8)} />,
  Icon: () => ICON_NAMES.map((name) => <Icon key={name} name={name} className="size-6" />),
  Mark: () => <Mark className="size-14" />,
  Notice: () => (
    <div className="flex w-full flex-col gap-3">
      {NOTICES.map((tone) => (
        <Notice key={tone} tone={tone}>
          {tone}
        </Notice>
      ))}
    </div>
  ),
  Picture: () => (
    <ol className="grid w-full grid-cols-4 gap-3 sm:grid-cols-8">
      {PICTURES.map((name) => (
        <li key={name} className="flex flex-col items-center text-xs">
          <Picture name={name} />
          {name}
        </li>
      ))}
    </ol>
  ),
  Popover: () => <OpensPopover />,
  QrCode: () => <QrCode text="DHCHAT:1/0123456789" label="a code" failed="not loaded" />,
  Ring: () =>
    [0, 0.25, 1].map((part) => (
      <span key={part} className="relative m-2 size-14">
        <Ring part={part} label={`${100 * part} %`} />
      </span>
    )),
  Spinner: () => <Spinner />,
  Switch: () => (
    <div className="w-full">
      <Switch label="on" checked onChange={() => {}} hint="what it means" />
      <Switch label="off" checked={false} onChange={() => {}} />
      <Switch label="cannot be" checked={false} disabled onChange={() => {}} />
    </div>
  ),
  Thread: () => THREADS.map((state) => <Thread key={state} state={state} me={alice} peer={bob} />),
};

function OpensPopover() {
  const [anchor, setAnchor] = useState<Anchor | null>(null);
  return (
    <>
      <Button onClick={(event) => setAnchor(event.currentTarget.getBoundingClientRect())}>
        open
      </Button>
      {anchor !== null && (
        <Popover role="menu" label="choices" anchor={anchor} onClose={() => setAnchor(null)}>
          <button type="button" role="menuitem" onClick={() => setAnchor(null)}>
            a choice
          </button>
        </Popover>
      )}
    </>
  );
}

function OpensDialog() {
  const [shown, setShown] = useState(false);
  return (
    <>
      <Button onClick={() => setShown(true)}>open</Button>
      {shown && (
        <Dialog
          title="A question"
          closeLabel="close"
          onClose={() => setShown(false)}
          actions={<Button onClick={() => setShown(false)}>answer</Button>}
        >
          <p>what is asked</p>
        </Dialog>
      )}
    </>
  );
}

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

function Gallery() {
  return (
    <main className="mx-auto flex max-w-3xl flex-col gap-8 p-6">
      <h1 className="sr-only">The pieces of the interface</h1>
      <div className="flex gap-3">
        {THEMES.map((theme) => (
          <Button key={theme} onClick={() => applyTheme(theme)}>
            {theme}
          </Button>
        ))}
      </div>
      <article data-piece="colors" aria-label="colors">
        <h2 className="mb-3 font-display text-xl">Colours</h2>
        <ul className="grid grid-cols-5 gap-2">
          {COLORS.map((color) => (
            <li key={color} className={`h-10 rounded-xl border border-rule ${color}`} />
          ))}
        </ul>
      </article>
      {Object.entries(PIECES).map(([name, draw]) => (
        <article key={name} data-piece={name} aria-label={name}>
          <h2 className="mb-3 font-display text-xl">{name}</h2>
          <div className="flex flex-wrap items-center gap-3">{draw()}</div>
        </article>
      ))}
    </main>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('gallery.html has a root');
await fixLook();
createRoot(root).render(
  <StrictMode>
    <Gallery />
  </StrictMode>,
);
