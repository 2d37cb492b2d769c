/** What a conversation uses of a channel. */
import type { Channel } from '../crypto/channel.ts';

export type { Opened } from '../crypto/channel.ts';

export type OpenChannel = Pick<
  Channel,
  'id' | 'role' | 'shortCode' | 'farewells' | 'farewellOf' | 'seal' | 'sealTurn' | 'open' | 'erase'
>;
