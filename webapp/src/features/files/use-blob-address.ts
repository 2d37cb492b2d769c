/** The address of a blob, for as long as something shows it. */
import { useEffect, useState } from 'react';

/** `null` before the first moment; revoked when nothing shows it any more. */
export function useBlobAddress(blob: Blob): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(blob);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return address;
}
