import { useEffect, useState } from "react";

/** Whether something has been pending for longer than a blink: shorter waits show nothing. */
export function useSlow(isPending: boolean, afterMs = 200): boolean {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    if (!isPending) return setSlow(false);
    const timer = setTimeout(() => setSlow(true), afterMs);
    return () => clearTimeout(timer);
  }, [isPending, afterMs]);
  return isPending && isSlow;
}
