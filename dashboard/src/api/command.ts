/** Commands: sent with a key, so that one sent twice is done once; their failure is told. */
import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { toast } from "@/parts/toast";
import { commandKey } from "./client";
import { type ApiError, asApiError } from "./problem";

type Command<V, T> = {
  /** Does it; `key` goes into the header Idempotency-Key. */
  run: (given: V, key: string) => Promise<T>;
  /** First words of the query keys that are old afterwards; events bring the rest. */
  touches?: string[];
  /** What to say when it is done. */
  done?: (answer: T, given: V) => string;
};

export function useCommand<V, T>(command: Command<V, T>): UseMutationResult<T, ApiError, V> {
  const client = useQueryClient();
  const { t } = useTranslation("frame");
  return useMutation<T, ApiError, V>({
    mutationFn: async (given) => {
      try {
        return await command.run(given, commandKey());
      } catch (error) {
        throw asApiError(error);
      }
    },
    onSuccess: (answer, given) => {
      for (const root of command.touches ?? []) void client.invalidateQueries({ queryKey: [root] });
      const said = command.done?.(answer, given);
      if (said) toast({ tone: "good", title: said });
    },
    onError: (error) =>
      toast({
        tone: "critical",
        title: t("command.failed"),
        detail: error.code === "unreachable" ? t("command.unknown") : error.message,
        code: error.code,
      }),
  });
}
