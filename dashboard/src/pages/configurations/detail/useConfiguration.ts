import { useQuery } from "@tanstack/react-query";
import { configurationList } from "@/api/names";
import { configuration } from "@/api/queries";

/** The configuration, at once where the list is known already. */
export function useConfiguration(id: string) {
  const known = useQuery(configurationList()).data?.find((one) => one.id === id);
  return useQuery({
    ...configuration(id),
    placeholderData: known,
    // An address that leads nowhere is told at once.
    retry: (failures, error) => (error as { status?: number }).status !== 404 && failures < 2,
  });
}
