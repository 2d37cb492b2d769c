/** Where the page begins: the model on this browser, drawn into the page. */
import { createModel } from './app/services.ts';
import { start } from './app/start.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has an element with the id root');
start(root, createModel());
