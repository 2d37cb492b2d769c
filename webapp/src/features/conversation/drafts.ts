/**
 * What somebody has begun to write to each person and not sent. It lives as long as the page and
 * the login do, in memory alone: nothing of a talk is ever stored.
 */
import { createContext } from 'react';

/** By the id of the peer. */
export type Drafts = Map<string, string>;

/** `null` where nobody keeps them. */
export const DraftsContext = createContext<Drafts | null>(null);
