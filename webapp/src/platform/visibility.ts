/** Whether somebody can see this page. */
import type { Visibility } from '../core/ports.ts';

export const browserVisibility: Visibility = {
  visible: () => document.visibilityState === 'visible',
  watch(changed) {
    document.addEventListener('visibilitychange', changed);
    return () => document.removeEventListener('visibilitychange', changed);
  },
};
