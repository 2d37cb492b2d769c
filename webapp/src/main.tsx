/** Where the page begins: the model in its worker, drawn into the page. */
import { openWorker } from './app/open-worker.ts';
import { start } from './app/start.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has an element with the id root');
start(root, openWorker());
