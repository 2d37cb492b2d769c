// @vitest-environment jsdom
/** When a recording is read into the page, and what its sender hears of it. */
import { act, screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { everythingComesIntoSight } from '../features/test/browser.ts';
import { draw, inBrowser } from '../features/test/draw.tsx';
import { furnishMedia, playableOf } from '../features/test/fake-media.ts';
import { aTransfer, signedIn } from '../features/test/views.ts';
import { PlayedHere } from './PlayedHere.tsx';

inBrowser();
beforeEach(() => furnishMedia(4));

function drawn(by: 'me' | 'peer', isHere = true) {
  const transfer = aTransfer({
    id: 5,
    by,
    kind: 'voice',
    mime: 'audio/ogg',
    size: 9,
    durationMs: 4_000,
    stage: { is: 'delivered' },
  });
  const asked: number[] = [];
  const drawn = draw((_, model) => {
    if (isHere) model.files.set(5, new Uint8Array(9));
    const readFile = (...given: [number, number, number]) => {
      asked.push(given[0]);
      return model.readFile(...given);
    };
    return (
      <PlayedHere
        transfer={transfer}
        card={<p>as a file</p>}
        model={{ readFile, fileSeen: model.fileSeen }}
      />
    );
  }, signedIn());
  return { ...drawn, asked };
}

/** What plays, once it was read. */
function player() {
  return waitFor(() => {
    const element = document.querySelector('audio');
    if (element?.getAttribute('src') == null) throw new Error('nothing to play yet');
    return playableOf(element);
  });
}

async function heard(by: 'me' | 'peer') {
  const { user, model } = drawn(by);
  act(everythingComesIntoSight);
  const audio = await player();
  act(() => audio.load());
  await user.click(screen.getByRole('button', { name: /^Play/ }));
  act(() => audio.pass(3));
  return model;
}

describe('what was recorded', () => {
  it('[UI98] is not read before somebody has scrolled to it', async () => {
    const { asked } = drawn('peer');
    expect(asked).toEqual([]);
    act(everythingComesIntoSight);
    await waitFor(() => expect(asked).toEqual([5]));
  });

  it('[UI97] says so where it cannot be played, and is a file', async () => {
    drawn('peer');
    act(everythingComesIntoSight);
    const audio = await player();
    act(() => audio.fail());
    expect(screen.getByText(/cannot play it \(audio\/ogg\)/)).toBeTruthy();
    expect(screen.getByText('as a file')).toBeTruthy();
  });

  it('[UI97] says so where it is gone', async () => {
    drawn('peer', false);
    act(everythingComesIntoSight);
    expect(await screen.findByText('It is not there any more.')).toBeTruthy();
  });

  it('[UI96] of the peer counts as read when it was heard', async () => {
    expect((await heard('peer')).calls).toEqual([['fileSeen', 5]]);
  });

  it('[UI96] by oneself is nothing to tell of', async () => {
    expect((await heard('me')).calls).toEqual([]);
  });
});
