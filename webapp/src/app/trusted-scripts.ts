/**
 * The scripts that may become workers, whatever the page is made to ask for: that of the keys,
 * and that which reads PDF.
 */
import pdf from 'pdfjs-dist/build/pdf.worker.min.mjs?url';
import keys from './worker.ts?worker&url';

/** Text becomes the address of a script only by a policy with a name; the server allows this one. */
const POLICY = 'dhchat-worker';

const SCRIPTS = { keys, pdf } as const;
type Script = keyof typeof SCRIPTS;

type Policy = { createScriptURL(name: string): string };
type TrustedTypes = { createPolicy(name: string, policy: Policy): Policy };

/** Of a name there is one policy in the life of a page. */
let made: Policy | null = null;

export function trustedScript(name: Script): string {
  made ??= policyHere();
  return made.createScriptURL(name);
}

function policyHere(): Policy {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = {
    createScriptURL: (name: string) => (name === 'pdf' ? SCRIPTS.pdf : SCRIPTS.keys),
  };
  return trustedTypes?.createPolicy(POLICY, policy) ?? policy;
}
