/** Where the worker begins: the whole core, with every key, and no page around it. */
import { serve } from './host.ts';
import { browserPlatform } from './platform.ts';
import { Services } from './services.ts';

serve(globalThis, (page) => new Services(browserPlatform(page)));
