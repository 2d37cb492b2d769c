/** The browser's way to read codes, as far as the page was given one. */
import { createContext } from 'react';
import type { CodeReader } from '../../app/model.ts';

export const CodeReaderContext = createContext<CodeReader | null>(null);
