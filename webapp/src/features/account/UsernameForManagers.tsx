/**
 * Tells password managers whose password a form is about. Nobody sees or reaches it.
 */
export function UsernameForManagers({ name }: { name: string }) {
  return (
    <input
      type="text"
      name="username"
      autoComplete="username"
      value={name}
      readOnly
      hidden
      aria-hidden="true"
      tabIndex={-1}
    />
  );
}
